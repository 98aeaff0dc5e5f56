"""The work in a step is what the layers' sizes say."""

from dataclasses import replace

import pytest

from benchmarks.training import flops_per_step, steps_per_second
from tests.training.experiment import CONFIG

TINY = replace(CONFIG, vae_frames=32, vae_reference_frames=32)


def test_the_work_is_in_proportion_to_the_batch_and_a_block_adds_what_its_layers_multiply() -> None:
    model, batch = TINY.model, TINY.vae_training.batch_size
    deeper = replace(TINY, model=replace(model, decoder_blocks=model.decoder_blocks + 1))
    wider = replace(TINY, vae_training=replace(TINY.vae_training, batch_size=3 * batch))
    one, more, larger = (flops_per_step(config) for config in (TINY, deeper, wider))
    assert larger == {**one, "vae": pytest.approx(3 * one["vae"])}
    # A block's two pointwise layers and its depthwise convolution at every step of the content, its FiLM once an item;
    # a product forward is two more backward, and a multiplication and an addition are two operations.
    n, c = TINY.vae_frames // model.content_stride, model.channels
    block = n * (2 * c * model.expansion * c + model.kernel_size * c) + 2 * c * model.condition_dim
    converted = 1 + 2 / 3 * TINY.elbo.converted  # in two voices, forward alone
    assert more["vae"] - one["vae"] == pytest.approx(6 * batch * block * converted)
    assert one["vocoder_adversarial"] > one["vocoder"] > 0


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["vae", "vocoder"])
def test_a_training_on_made_up_frames_runs(name: str) -> None:
    assert steps_per_second(TINY, name, 2, {}) > 0
