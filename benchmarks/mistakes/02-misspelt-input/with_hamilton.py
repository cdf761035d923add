import sys

from hamilton import driver
from hamilton.function_modifiers import extract_fields


@extract_fields({"text": str, "score": float})
def found(topic: str) -> dict:
    return {"text": "about " + topic, "score": 0.5}


def written(text: str, style: str = "plain") -> str:
    return f"{text}, {style}"


INPUTS = {"topic": "ai", "stile": "formal"}
FLOW = driver.Builder().with_modules(sys.modules[__name__]).build()
FLOW.validate_execution(["written"], inputs=INPUTS)

if __name__ == "__main__":
    print(FLOW.execute(["written"], inputs=INPUTS))
