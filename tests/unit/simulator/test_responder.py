"""Which reply a chat request gets."""

import json

from mira_cli.simulator.request import ReceivedRequest
from mira_cli.simulator.responder import Responder
from mira_cli.simulator.response import Response

KEY = "sk-mira-theirs"


def answer(responder, question):
    """The text of the reply, or the status of a refusal."""
    body = {"model": "mira", "messages": [{"role": "user", "content": question}]}
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    request = ReceivedRequest(headers=headers, raw=json.dumps(body).encode(), body=body)
    (response,) = [step for step in responder.respond(request) if isinstance(step, Response)]
    if response.status != 200:
        return response.status
    return json.loads(response.body)["choices"][0]["message"]["content"]


def test_a_script_comes_in_order_but_replies_with_match_wait_for_it():
    responder = Responder(KEY)
    responder.say({"text": "a", "match": "apple"}, "b", {"fail": "429:2"}, "c")
    assert answer(responder, "pear") == "b"
    assert answer(responder, "pear") == 429
    assert answer(responder, "an apple") == "a"
    assert answer(responder, "an apple") == 429
    assert answer(responder, "plum") == "c"
    assert answer(responder, "plum").startswith("(simulated reply)")


def test_queued_faults_come_before_the_script_and_before_any_check():
    responder = Responder("another key")
    responder.fail("503:1")
    responder.say("text")
    assert answer(responder, "x") == 503
    assert answer(responder, "x") == 401
