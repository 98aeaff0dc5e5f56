"""What setup.cfg cannot say: an SPDX licence, and a README whose links work on an index page."""

import re
from pathlib import Path

from setuptools import setup

FILES = "https://github.com/voicevae/voicevae/blob/main/"
PICTURES = "https://raw.githubusercontent.com/voicevae/voicevae/main/"

readme = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
readme = re.sub(r"(!\[[^]]*\]\()(?!https?:)", rf"\g<1>{PICTURES}", readme)
readme = re.sub(r"((?<!!)\[[^]]*\]\()(?!https?:)", rf"\g<1>{FILES}", readme)
setup(long_description=readme, long_description_content_type="text/markdown", license_expression="MIT")
