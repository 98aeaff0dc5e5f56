"""`voicevae score` says what Python says."""

from pathlib import Path

from tests.cli.conftest import Run
from voicevae.voice import VoiceVAE


def test_score_says_numbers_and_its_exit_status_says_whether_one_is_high(run: Run, vv: VoiceVAE) -> None:
    usual, strange = vv.score("a.wav"), vv.score("hiss.wav")
    between = (usual.z + strange.z) / 2
    assert strange.z > usual.z
    assert f"a.wav: z {usual.z:+.2f}, percentile {usual.percentile:.1f}, " in run("score a.wav")
    run(f"score a.wav --threshold {between}")
    run(f"score a.wav hiss.wav --threshold {between}", status=1)
    run("score a.wav hiss.wav --plot plots")
    assert sorted(path.name for path in Path("plots").iterdir()) == ["a.png", "hiss.png"]


def test_score_goes_on_after_a_file_that_cannot_be_read(run: Run) -> None:
    Path("broken.wav").write_text("no sound")
    said = run("score broken.wav a.wav", status=2)
    assert "a.wav: z" in said and "broken.wav is damaged" in said
