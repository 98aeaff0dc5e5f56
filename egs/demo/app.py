"""The page as a public Space: a Gradio Space whose requirements.txt is `voicevae[demo]` runs this file as it is."""

import os

from voicevae.demo import page
from voicevae.demo.settings import Settings

page.run(Settings(host="0.0.0.0", port=int(os.environ.get("PORT", "7860")), max_seconds=30, max_mb=10, concurrency=2))
