"""Semi-supervised training: which labels are hidden."""

import pytest
from lhotse import CutSet, MonoCut, SupervisionSegment

from voicevae.training.labels import hide_labels
from voicevae.training.settings import TrainingError

SPEAKERS = ["anna", "bert", "carl", "dora"]


@pytest.fixture
def cuts() -> CutSet:
    def cut(i: int) -> MonoCut:
        said = SupervisionSegment(f"u{i}", f"r{i}", 0.0, 1.0, speaker=SPEAKERS[i % 4])
        return MonoCut(f"u{i}", 0.0, 1.0, 0, supervisions=[said])

    return CutSet.from_cuts(cut(i) for i in range(40))


def labels(cuts: CutSet) -> dict[str, str]:
    return {cut.id: cut.supervisions[0].speaker for cut in cuts}


def test_nothing_hidden_is_the_corpus_itself(cuts: CutSet) -> None:
    shown, speakers = hide_labels(cuts, 0.0, 0)
    assert labels(shown) == labels(cuts)
    assert speakers == SPEAKERS


def test_a_hidden_voice_is_like_no_other(cuts: CutSet) -> None:
    shown, speakers = hide_labels(cuts, 1.0, 0)
    assert speakers == []
    assert len(set(labels(shown).values())) == 40
    assert not set(labels(shown).values()) & set(SPEAKERS)


def test_the_share_is_hidden_and_the_rest_stays(cuts: CutSet) -> None:
    shown, speakers = hide_labels(cuts, 0.9, 0)
    kept = {name: speaker for name, speaker in labels(shown).items() if speaker in SPEAKERS}
    assert len(kept) == 4
    assert kept.items() <= labels(cuts).items()
    assert speakers == sorted(set(kept.values()))


def test_the_seed_names_the_draw(cuts: CutSet) -> None:
    assert labels(hide_labels(cuts, 0.5, 1)[0]) == labels(hide_labels(cuts, 0.5, 1)[0])
    assert labels(hide_labels(cuts, 0.5, 1)[0]) != labels(hide_labels(cuts, 0.5, 2)[0])


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_beyond_its_range_is_named(cuts: CutSet, share: float) -> None:
    with pytest.raises(TrainingError, match="from 0 to 1"):
        hide_labels(cuts, share, 0)
