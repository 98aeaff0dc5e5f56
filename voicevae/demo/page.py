"""The page: its tabs, its looks, and how it is served."""

import atexit
import os
import shutil
import signal
import tempfile
import threading
from pathlib import Path

import gradio as gr
from starlette.middleware import Middleware

from voicevae import threads, voice
from voicevae.demo import batch, convert, design, edit, inspect, limits, live
from voicevae.demo.settings import Settings
from voicevae.demo.state import Studio
from voicevae.errors import BundleError, VoiceVAEError

TITLE = "voicevae"
INTRODUCTION = """# voicevae
Hear a voice, see it, change it. All stays on the machine that runs this page, and is deleted after a while."""
FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
MONO = ["ui-monospace", "Consolas", "Menlo", "monospace"]
CSS = Path(__file__).with_name("page.css")
TABS = {
    "Convert": convert.build,
    "Edit": edit.build,
    "Live": live.build,
    "Design": design.build,
    "Inspect": inspect.build,
    "Batch": batch.build,
}
NEED_CALIBRATION = ("Design", "Inspect")


def build(studio: Studio) -> gr.Blocks:
    """The page, not yet served."""
    keep_s = int(studio.settings.keep_s)
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(60, keep_s)) as page:
        gr.Markdown(INTRODUCTION)
        for name, tab in TABS.items():
            if name in NEED_CALIBRATION and not studio.vv.bundle.calibration.arrays:
                continue
            with gr.Tab(name):
                try:
                    tab(studio)
                except BundleError as error:  # what it needs was not measured; the other tabs do not need it
                    gr.Markdown(str(error))
    return page.queue(max_size=64, default_concurrency_limit=studio.settings.concurrency)


def serve(settings: Settings) -> gr.Blocks:
    """Load the bundle and serve the page in threads of its own, until `close` ends it.

    Raises:
        VoiceVAEError: the bundle or the port cannot be had.
    """
    folder = private_folder()
    threads.use(max((os.cpu_count() or 1) // settings.concurrency, 1))
    studio = Studio(voice.load(settings.bundle), settings, folder)
    page = build(studio)
    limits.Sweeper(folder, settings.keep_s).start()
    try:
        page.launch(
            server_name=settings.host,
            server_port=settings.port or None,
            auth=settings.auth,
            max_file_size=round(settings.max_mb * 2**20),
            theme=gr.themes.Default(font=FONTS, font_mono=MONO),
            css_paths=CSS,
            app_kwargs={"middleware": [Middleware(limits.NoLinks), Middleware(limits.SmallBodies)]},
            share=False,
            run_history=False,
            enable_monitoring=False,
            mcp_server=False,
            ssr_mode=False,
            prevent_thread_lock=True,
            quiet=True,
            footer_links=[],
        )
    except OSError as error:
        raise VoiceVAEError(f"Port {settings.port} of {settings.host} cannot be had; choose another --port.") from error
    live.connect(page, studio)
    return page


def run(settings: Settings) -> None:
    """Serve the page, and say where, until it is told to end; nothing that was given to it stays behind."""
    page, ended = serve(settings), threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    print(f"The page is at {page.local_url}; Ctrl-C ends it.", flush=True)
    ended.wait()
    page.close()


def private_folder() -> Path:
    """A temporary folder, removed at exit, for all that gradio stores; nothing else is served."""
    folder = Path(tempfile.mkdtemp(prefix="voicevae-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["GRADIO_TEMP_DIR"] = os.environ["GRADIO_EXAMPLES_CACHE"] = str(folder)
    return folder
