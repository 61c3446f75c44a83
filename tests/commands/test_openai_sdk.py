"""The official openai SDK, pointed at the simulator."""

import openai
import pytest

HELLO = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello, Mira!"}]


@pytest.fixture
def client(simulator):
    with openai.OpenAI(api_key=simulator.key, base_url=simulator.base_url, max_retries=1) as made:
        yield made


def test_a_whole_answer(client, simulator):
    answer = client.chat.completions.create(model="mira", max_tokens=1024, messages=HELLO)
    assert "Hello, Mira!" in answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert simulator.requests[0].messages == HELLO


def test_a_streamed_answer(client):
    whole = client.chat.completions.create(model="mira", messages=HELLO).choices[0].message.content
    options = {"include_usage": True}
    stream = client.chat.completions.create(model="mira", messages=HELLO, stream=True, stream_options=options)
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage.completion_tokens > 5


def test_the_sdk_lists_the_models(client):
    assert [model.id for model in client.models.list()] == ["mira", "mira-thinking", "mira-pro", "mira-max"]


def test_a_wrong_key(simulator):
    with (
        openai.OpenAI(api_key="sk-mira-wrong", base_url=simulator.base_url) as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.chat.completions.create(model="mira", messages=HELLO)


def test_a_bad_parameter(client):
    with pytest.raises(openai.UnprocessableEntityError):
        client.chat.completions.create(model="mira", messages=HELLO, temperature=9)


def test_faults_are_met_and_retried(client, simulator):
    simulator.fail("429-ms:1")
    assert client.chat.completions.create(model="mira", messages=HELLO).choices
    assert len(simulator.requests) == 2
    simulator.fail("500")
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="mira", messages=HELLO)
