"""What cannot be done is refused in one sentence, with exit code 2, and nothing is written."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run

REFUSED = [
    ("convert a.wav --voice a.voice -o out.wav", "a.voice does not exist"),
    ("transfer a.wav --reference missing.wav -o out.wav", "missing.wav does not exist"),
    ("transfer a.wav --reference hiss.wav -o out.wav", "The reference has no voiced speech"),
    ("transfer a.wav --reference b.wav -o b.wav", "b.wav is an input"),
    ("style a.wav --style rage -o out.wav", "no style 'rage'; known are happiness, sadness"),
    ("style a.wav --style joy -o a.wav", "a.wav is an input"),
    ("blend a.wav b.wav --weights 1 -o mix.voice", "1 weights for 2 voices"),
    ("blend a.wav b.wav --weights 0 0 -o mix.voice", "All weights are 0"),
    ("blend a.wav b.wav -o mix.wav", "use one of .voice"),
    ("blend a.wav b.wav --prosody -o a.wav", "a.wav is an input"),
    ("sample --gender child -o new.voice", "known are female, male"),
    ("sample --label ann -o new.voice", "knows no speaker 'ann'"),
    ("sample --gender female --source prior -o new.voice", "prior knows no gender"),
    ("sample -o new.wav", "no extension that can be written; use one of .voice"),
    ("sample --like missing.wav -o new.voice", "missing.wav does not exist"),
    ("traverse a.wav --steps 4 --out-dir sweeps", "odd number"),
    ("embed a.wav b.wav -o all.npz --map map.png", "three recordings"),
    ("embed a.wav -o all.csv", "use one of .npz, .parquet"),
    ("embed empty -o all.npz", "empty holds no sound file"),
    ("melody a.wav -o out.wav --notes H4:1", "'H4:1' is not a note"),
    ("melody a.wav -o out.wav --notes R:1", "no note to sing"),
    ("melody a.wav -o out.wav --midi none.mid", "none.mid does not exist"),
    ("melody a.wav -o out.wav --midi a.wav", "a.wav is not a MIDI file"),
    ("melody a.wav -o out.wav --tune C:blues", "tune is 'C:blues'"),
    ("melody a.wav -o out.wav --notes C4:1 --vibrato 5:9000", "vibrato depth is 9000"),
    ("melody a.wav -o out.wav --notes C4:1 --voice nobody.wav", "nobody.wav does not exist"),
    ("search a.wav -o mine.wav", "use one of .voice"),
    ("search a.wav -o mine.voice --gender child", "known are female, male"),
    ("search a.wav -o mine.voice --like nobody.wav", "nobody.wav does not exist"),
    ("search a.wav -o mine.voice --session b.wav", "b.wav is not a search"),
]


def contents() -> dict[Path, bytes | None]:
    return {path: path.read_bytes() if path.is_file() else None for path in Path().rglob("*")}


@pytest.mark.parametrize(("command", "said"), REFUSED)
def test_what_cannot_be_is_one_sentence_and_writes_nothing(run: Run, command: str, said: str) -> None:
    Path("empty").mkdir()
    Path("sweeps").mkdir()
    before = contents()
    found = run(command, status=2)
    assert said in found and found.startswith("voicevae: ") and "Traceback" not in found
    assert contents() == before
