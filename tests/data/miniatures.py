"""Published corpora in miniature, in their layout and format: a few recordings of one generated sentence each, and the
warts that such folders have (damaged and stray files, odd names, lines without words, words without a recording).

`BUILD[name](Miniature(folder), utterances)` makes one with that many recordings a speaker.
"""

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr

from voicevae.recipes.espeak import speak

SECONDS = 1.1
VOICES = ("en", "en+f3")


@cache
def _sentence(voice: str, rate: int, kind: str) -> bytes:
    """The beginning of a sentence as a sound file."""
    wave, spoken = speak("Glue the sheet to the dark blue background.", voice)
    buffer = BytesIO()
    sf.write(buffer, soxr.resample(wave[: round(SECONDS * spoken)], spoken, rate), rate, format=kind)
    return buffer.getvalue()


class Miniature:
    """Writes the files of a corpus into `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def sound(self, place: str, rate: int = 16000, man: bool = True) -> None:
        """A recording of about a second."""
        kind = "FLAC" if place.lower().endswith("flac") else "WAV"
        self.write(place, _sentence(VOICES[0 if man else 1], rate, kind))

    def text(self, place: str, *lines: str, encoding: str = "utf-8") -> None:
        """A text of these lines."""
        self.write(place, "".join(f"{line}\n" for line in lines).encode(encoding))

    def write(self, place: str, data: bytes) -> None:
        """A file with these bytes."""
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def litter(self, place: str, extension: str) -> None:
        """What a desktop leaves in a folder."""
        for name in (".DS_Store", "Thumbs.db", f"._{Path(place).name}.{extension}", "notes.txt"):
            self.write(f"{place}/{name}", b"\0\5\x16\7 nothing of the corpus")

    def silence(self, place: str, rate: int = 16000) -> None:
        """A recording of nothing, which its header does not tell."""
        buffer = BytesIO()
        sf.write(buffer, np.zeros(rate), rate, format="WAV")
        self.write(place, buffer.getvalue())


def librispeech(m: Miniature, n: int = 1) -> None:
    """Three parts; a line without words, one without a recording, a damaged recording, one named otherwise."""
    speakers = {"train-clean-5": ("19", "26"), "dev-clean-2": ("84", "174"), "test-clean": ("61",)}
    for part, names in speakers.items():
        for speaker in names:
            chapter = f"{part}/{speaker}/198"
            lines = [f"{speaker}-198-{i:04} NORTHANGER ABBEY" for i in range(n)]
            for i in range(n):
                m.sound(f"{chapter}/{speaker}-198-{i:04}.flac", man=speaker != "19")
            if speaker == "26":
                lines = ["26-198-0000", "26-198-0777 NOBODY RECORDED THIS", "26-198-0888 DAMAGED", *lines[1:]]
                m.write(f"{chapter}/26-198-0888.flac", b"fLaC")
                m.sound(f"{chapter}/26-198-0000 (copy).flac")
            if speaker == "61":  # no transcript
                continue
            m.text(f"{chapter}/{speaker}-198.trans.txt", *lines)
    m.litter("train-clean-5/19/198", "flac")
    m.text(
        "SPEAKERS.TXT",
        "; Some pipe(|) separated metadata about all LibriSpeech speakers",
        ";ID  |SEX| SUBSET           |MINUTES| NAME",
        "19   | F | train-clean-100  | 25.19 | Kara Shallenberg",
        "26   | M | train-clean-100  | 25.08 | Denny Sayers",
        "61   | M | test-clean       |  8.08 | Paul-Gabriel Wiener",
        "84   | F | dev-clean        |  8.02 | Christie Nowak",
        "174  | M | dev-clean        |  8.04 | Peter Eastman | with a pipe",
    )


def libritts_r(m: Miniature, n: int = 1) -> None:
    """Two parts; fields without words, a damaged recording that is in the transcript, and one of its kind hidden; a
    speaker who is missing in the table."""
    for part, speaker in (("train-clean-100", "19"), ("dev-clean", "84"), ("dev-clean", "174")):
        chapter = f"{part}/{speaker}/198"
        names = [f"{speaker}_198_000000_{i:06}" for i in range(n)]
        for name in names:
            m.sound(f"{chapter}/{name}.wav", 24000, man=speaker == "174")
            m.text(f"{chapter}/{name}.normalized.txt", "NORTHANGER ABBEY")
        lines = [f"{name}\tNORTHANGER ABBEY\tNorthanger Abbey" for name in names]
        if speaker == "19":
            lines += ["19_198_000000_000777\tNobody\tNobody", "19_198_000000_000888\tDamaged\tDamaged", "19_198_0\t"]
            m.write(f"{chapter}/19_198_000000_000888.wav", b"RIFF")
        m.text(f"{chapter}/{speaker}_198.trans.tsv", *lines)
        m.text(f"{chapter}/{speaker}_198.book.tsv", *(f"{name}\tOriginal\tNormal\t0.0\t21.7" for name in names))
    m.litter("train-clean-100/19/198", "wav")
    m.text(
        "speakers.tsv",
        "READER\tGENDER\tSUBSET\tNAME",
        "19\tF\ttrain-clean-100\tKara Shallenberg",
        "84\tF\tdev-clean\tChristie Nowak",
    )


def vctk(m: Miniature, n: int = 1) -> None:
    """p225 has both microphones, p280 and p315 the first alone, p315 no text, p362 text without a recording."""
    for speaker in ("p225", "p245", "p280", "p315"):
        for i in range(1, n + 1):
            name = f"{speaker}_{i:03}"
            m.sound(f"wav48_silence_trimmed/{speaker}/{name}_mic1.flac", 48000, man=speaker in ("p245", "p315"))
            if speaker in ("p225", "p245"):
                m.sound(f"wav48_silence_trimmed/{speaker}/{name}_mic2.flac", 48000)
            if speaker != "p315":
                m.text(f"txt/{speaker}/{name}.txt", "Please call Stella. ")
    m.sound("wav48_silence_trimmed/p225/p225_024_mic1.flac", 48000, man=False)
    m.text("txt/p225/p225_024.txt", "")
    m.text("txt/p225/p225_777.txt", "Nobody recorded this.")
    m.text("txt/p362/p362_001.txt", "Please call Stella.")
    m.write("wav48_silence_trimmed/p245/p245_888_mic1.flac", b"fLaC")
    m.text("txt/p245/p245_888.txt", "Damaged.")
    m.sound("wav48_silence_trimmed/p225/p225_001.flac", 48000)
    m.litter("wav48_silence_trimmed/p225", "flac")
    m.litter("txt/p225", "txt")
    m.text("wav48_silence_trimmed/log.txt", "p280_001 trimmed")
    m.text(
        "speaker-info.txt",
        "ID  AGE  GENDER  ACCENTS  REGION COMMENTS ",
        "p225  23  F    English    Southern  England",
        "p245  25  M    Irish     Dublin",
        "p280  25  F    Unknown   France (mic2 files unavailable)",
        "p315  18  M    American   New  England (Text unavailable)",
        "s5   18  M    British ",
    )


def cmu_arctic(m: Miniature, n: int = 1) -> None:
    """Three speakers with the same sentences, one from a release with its number in the folder's name."""
    for speaker, release in (("bdl", ""), ("slt", ""), ("rms", "-0.95-release")):
        folder = f"cmu_us_{speaker}_arctic{release}"
        for i in range(1, n + 1):
            m.sound(f"{folder}/wav/arctic_a{i:04}.wav", man=speaker != "slt")
        lines = [f'( arctic_a{i:04} "Author of the danger trail, Philip Steels, etc." )' for i in range(1, n + 1)]
        if speaker == "bdl":
            m.sound(f"{folder}/orig/arctic_a0001.wav", 32000)
            m.sound(f"{folder}/wav/arctic_b0540.wav")
            m.write(f"{folder}/wav/arctic_b0538.wav", b"RIFF")
            lines += ['( arctic_b0538 "Damaged." )', '( arctic_b0539 "Nobody recorded this." )', "", "( arctic_b0540 )"]
            m.litter(f"{folder}/wav", "wav")
        m.text(f"{folder}/etc/txt.done.data", *lines)
        m.text(f"{folder}/COPYING", "Carnegie Mellon University")


def ljspeech(m: Miniature, n: int = 1) -> None:
    """Quotes, an empty field, a line cut off, a recording without a line and a line without a recording."""
    lines = [
        'LJ001-0001|Printing, in the "only" sense|Printing, in the "only" sense',
        "LJ002-0001|1 £|",
        "LJ004-0777|a|a",
    ]
    for name in ("LJ001-0001", "LJ002-0001", *(f"LJ00{c}-{i:04}" for c in (3, 4) for i in range(2, n + 2))):
        m.sound(f"wavs/{name}.wav", 22050, man=False)
        if name[4] in "34":
            lines.append(f"{name}|It is of the first importance|It is of the first importance")
    m.sound("wavs/LJ005-0001.wav", 22050, man=False)
    m.write("wavs/LJ005-0888.wav", b"RIFF")
    m.sound("wavs/copy of LJ005-0001.wav", 22050)
    m.text("metadata.csv", *lines, "LJ005-0888|Damaged|Damaged", "LJ005-0001")
    m.text("README", "The LJ Speech Dataset")
    m.litter("wavs", "wav")


def aishell3(m: Miniature, n: int = 1) -> None:
    """Pinyin after each character; a line without words, one without a recording, a damaged recording."""
    parts: dict[str, tuple[str, ...]] = {"train": ("SSB0005", "SSB0009"), "test": ("SSB0005", "SSB0139", "SSB0241")}
    for part, speakers in parts.items():
        lines = []
        for speaker in speakers:
            for i in range(1, n + 1):
                name = f"{speaker}{i + (400 if part == 'test' else 0):04}"
                m.sound(f"{part}/wav/{speaker}/{name}.wav", 44100, man=speaker != "SSB0005")
                lines.append(f"{name}.wav\t广 guang3 州 zhou1 女 nv3")
        if part == "train":
            m.sound("train/wav/SSB0005/SSB00050998.wav", 44100, man=False)
            m.write("train/wav/SSB0005/SSB00050888.wav", b"RIFF")
            lines += ["SSB00050998.wav\t", "SSB00050888.wav\t坏 huai4", "SSB00050777.wav\t无 wu2"]
            m.text("train/label_train-set.txt", "# a header", "SSB00050001|guang3 zhou1 nv3|广州%女$")
            m.litter("train/wav/SSB0005", "wav")
        m.text(f"{part}/content.txt", *lines)
    m.text(
        "spk-info.txt",
        "# AISHELL-3 speakers",
        "SSB0005\tB\tfemale\tnorth",
        "SSB0009\tB\tmale\tsouth",
        "SSB0139\tA\tmale\tothers",
    )


def speechocean762(m: Miniature, n: int = 1) -> None:
    """Tables of Kaldi's, with tabs; a recording that is missing, one not listed, a child, a line without words."""
    for part, speakers in (("train", ("0001", "0005")), ("test", ("0003", "0023"))):
        names = {f"0{speaker}{i:04}": speaker for speaker in speakers for i in range(n)}
        for name, speaker in names.items():
            m.sound(f"WAVE/SPEAKER{speaker}/{name}.WAV", man=speaker in ("0001", "0003"))
        if part == "train":
            names["000010777"] = "0001"
        m.text(f"{part}/wav.scp", *(f"{name}\tWAVE/SPEAKER{speaker}/{name}.WAV" for name, speaker in names.items()))
        m.text(f"{part}/utt2spk", *(f"{name}\t{speaker}" for name, speaker in names.items()))
        m.text(f"{part}/text", *(f"{name}\t{'MARK IS GOING' if name[4] != '5' else ''}" for name in names), "")
        m.text(f"{part}/spk2gender", *(f"{s}\t{'m' if s in ('0001', '0003') else 'f'}" for s in speakers))
        m.text(f"{part}/spk2age", *(f"{s}\t{'6' if s == '0001' else '35'}" for s in speakers))
    m.sound("WAVE/SPEAKER0005/000050999.WAV")
    m.text("resource/lexicon.txt", "A AH0")
    m.litter("WAVE/SPEAKER0001", "WAV")


def emodb(m: Miniature, n: int = 1) -> None:
    """Names that say all; one that says nothing, a damaged one and a silent one."""
    for i in range(n):
        version = "abcdefgh"[i]
        for name in (f"03a01W{version}", f"08b10N{version}", f"12a05F{version}", f"13b03T{version}"):
            m.sound(f"wav/{name}.wav", man=name[:2] in ("03", "12"))
    m.write("wav/03a02Wb.wav", b"RIFF")
    m.silence("wav/03a04Wc.wav")
    m.sound("wav/test.wav")
    m.text("erkennung.txt", "Satz erkannt natuerlich", "03a01Wa.wav 98,20 100,00", encoding="latin-1")
    m.litter("wav", "wav")


def esd(m: Miniature, n: int = 1) -> None:
    """Texts in three encodings, one speaker's sentences in train/, evaluation/ and test/, as one release has them."""
    m.sound("0001/Angry/train/0001_000401.wav", man=False)
    m.sound("0001/Angry/evaluation/0001_000351.wav", man=False)
    m.sound("0001/Neutral/test/0001_000021.wav", man=False)
    m.sound("0001/Neutral/test/0001_000022.wav", man=False)
    m.text("0001/0001.txt", "0001_000401\t打远一看，\t生气", "0001_000351\t他对谁都那么友好\t生气", encoding="gb18030")
    lines = {"0011": ["0011_000051\tThe nine the eggs, I keep.\tNeutral"], "0019": [], "0020": []}
    m.sound("0011/Neutral/0011_000051.wav")
    for speaker, emotion, first in (("0019", "Sad", 1051), ("0020", "Surprise", 1401)):
        for i in range(first, first + n):
            m.sound(f"{speaker}/{emotion}/{speaker}_{i:06}.wav", man=speaker == "0020")
            lines[speaker].append(f"{speaker}_{i:06}\tTom could hear it…\t{emotion}")
    m.text("0011/0011.txt", *lines["0011"], "")
    m.text("0019/0019.txt", *lines["0019"], encoding="utf-16")
    m.text("0020/0020.txt", *lines["0020"], "0020_001699\tNobody recorded this.\tSurprise", "0020_001700", "")
    m.write("0011/Happy/0011_000888.wav", b"RIFF")
    m.sound("0011/Happy/0012_000701.wav")
    m.litter("0011/Happy", "wav")


def vcc2020(m: Miniature, n: int = 1) -> None:
    """Source and target speakers of both tasks, in the folders of the archives, one of them nested twice."""
    for i in range(1, n + 1):
        for speaker in ("SEF1", "SEM1"):
            m.sound(f"source/{speaker}/E1{i:04}.wav", 24000, man=speaker == "SEM1")
            m.sound(f"vcc2020_database_evaluation/{speaker}/E3{i:04}.wav", 24000, man=speaker == "SEM1")
        m.sound(f"target_task1/TEM2/E2{i:04}.wav", 24000)
        m.sound(f"target_task2/TGF1/G1{i:04}.wav", 24000, man=False)
        m.sound(f"vcc2020_database_groundtruth/vcc2020_database_groundtruth/TEM2/E3{i:04}.wav", 24000)
        m.sound(f"vcc2020_database_groundtruth/vcc2020_database_groundtruth/TGF1/G3{i:04}.wav", 24000, man=False)
    words = "vcc2020_database_transcriptions/transcriptions_"
    m.text(f"{words}training/vcc2020_database_training_Eng_transcriptions.txt", "E10001 A sentence.", "E20001 Another.")
    m.text(f"{words}training/vcc2020_database_training_Ger_transcriptions.txt", "10001\tEin Satz für alle.", "")
    m.text(f"{words}evaluation/vcc2020_database_evaluation_transcriptions.txt", "E30001 In reality.", "E30777")
    m.write("source/SEF1/E10888.wav", b"RIFF")
    m.sound("source/SEF1/22050/E10001.wav", 22050)
    m.litter("source/SEF1", "wav")
    m.write("__MACOSX/source/SEF1/._E10001.wav", b"\0\5\x16\7")


def cml_tts(m: Miniature, n: int = 1) -> None:
    """Three parts; a speaker in two of them, a row without words, one without a recording, a damaged recording."""
    head = "wav_filename|wav_filesize|transcript|transcript_wav2vec|levenshtein|duration|num_words|client_id"
    for part, speakers in {"train": ("252", "6892"), "dev": ("2902", "4891", "252"), "test": ("3946",)}.items():
        rows = []
        for speaker in speakers:
            book = "10087" if part == "train" else "10088"
            for i in range(1, n + 1):
                name = f"{speaker}_{book}_{i:06}"
                m.sound(f"{part}/audio/{speaker}/{book}/{name}.wav", 24000, man=speaker == "252")
                words = "" if speaker == "3946" else "Był, słowem, wieczór."
                rows.append(f"{part}/audio/{speaker}/{book}/{name}.wav|48044|{words}|by slowem|0.9|1.1|3|{speaker}")
        m.text(f"{part}.csv", head, *rows, f"{part}/audio/1/1/1_1_000777.wav|4|Nikt|nikt|1.0|1.1|1|1")
    m.write("train/audio/252/10087/252_10087_000888.wav", b"RIFF")
    m.sound("train/audio/252/10087/252_10087.wav", 24000)
    m.litter("train/audio/252", "wav")


BUILD: dict[str, Callable[[Miniature, int], None]] = {
    "aishell3": aishell3,
    "cml_tts": cml_tts,
    "cmu_arctic": cmu_arctic,
    "emodb": emodb,
    "esd": esd,
    "librispeech": librispeech,
    "libritts_r": libritts_r,
    "ljspeech": ljspeech,
    "speechocean762": speechocean762,
    "vcc2020": vcc2020,
    "vctk": vctk,
}
