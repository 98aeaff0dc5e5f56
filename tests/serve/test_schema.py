"""Whatever the schema allows, and some of what it does not, is answered as the schema says; by schemathesis."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

schemathesis = pytest.importorskip("schemathesis", reason='pip install "voicevae[test]" brings schemathesis')

MODES = schemathesis.GenerationMode
EXAMPLES = 20
ADDRESSES = ["/health", "/v1/voices", "/v1/modulate", "/v1/convert", "/v1/audio/speech-to-speech"]
CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
CHECKS += ["negative_data_rejection", "unsupported_method"]  # and no positive_data_acceptance: bytes may be no sound


@pytest.fixture(scope="module")
def described(address: str) -> Any:
    return schemathesis.openapi.from_url(f"{address}/openapi.json")


def test_the_schema_has_these_addresses(described: Any) -> None:
    assert sorted(described.raw_schema["paths"]) == sorted(ADDRESSES)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "mode"),
    [(path, MODES.POSITIVE) for path in ADDRESSES] + [(path, MODES.NEGATIVE) for path in ADDRESSES[2:]],
)
def test_every_answer_is_as_described(described: Any, address: str, path: str, mode: Any) -> None:
    operation = next(iter(described[path].values()))
    checks = [schemathesis.checks.CHECKS.get_one(name) for name in CHECKS]
    seen: set[int] = set()

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def answered(case: Any) -> None:
        answer = case.call(base_url=address)
        seen.add(answer.status_code)
        case.validate_response(answer, checks=checks)

    answered()
    assert seen and seen <= {200, 400, 422}
