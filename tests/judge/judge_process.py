"""A judge as a process of its own: a verdict that depends on the output, each prompt noted."""

import re

from tests.predict.endpoint_process import Endpoint, Handler, main

OUTPUT = re.compile(r"^\[output (\w+)\]\n(.*?)\n\[end of output \1\]", re.MULTILINE | re.DOTALL)


class Judge(Handler):
    def reply(self, prompt: str) -> str:
        """Yes for an output of even length, and its length as the quality (1 to 5)."""
        found = OUTPUT.search(prompt)
        length = len(found[2]) if found else 0
        return f"[[{'No' if length % 2 else 'Yes'}, {1 + length % 5}]]"


class JudgeEndpoint(Endpoint):
    """The process, started and killed by its own pid."""

    module = "tests.judge.judge_process"


if __name__ == "__main__":
    main(Judge)
