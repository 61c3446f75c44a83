"""What a turn costs in a conversation of as many messages as the argument says: CPU milliseconds."""

import sys
import time

from mira_cli.conversation.history import Conversation

_ROUNDS = 50

conversation = Conversation("Be brief.", budget=32_000)
for number in range(int(sys.argv[1]) // 2):
    conversation.remember(f"Question {number}: what is a {'word ' * 30}?", f"It is {'an answer ' * 60}.")
started = time.process_time()
for _ in range(_ROUNDS):
    conversation.with_question("And then?")
    conversation.remember("And then?", "Nothing more.")
print((time.process_time() - started) / _ROUNDS * 1000)
