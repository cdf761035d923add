from haystack import Pipeline, component


@component
class Find:
    @component.output_types(text=str)
    def run(self, topic: str) -> dict[str, str]:
        return {"text": "about " + topic}


@component
class Write:
    @component.output_types(written=str)
    def run(self, text: str, style: str = "plain") -> dict[str, str]:
        return {"written": f"{text}, {style}"}


pipeline = Pipeline()
pipeline.add_component("find", Find())
pipeline.add_component("write", Write())

if __name__ == "__main__":
    print(pipeline.run({"find": {"topic": "ai"}, "write": {"style": "formal"}}))
