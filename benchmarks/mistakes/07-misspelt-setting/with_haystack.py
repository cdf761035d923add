from haystack import Pipeline
from haystack.components.fetchers import LinkContentFetcher

pipeline = Pipeline()
pipeline.add_component("find", LinkContentFetcher(retri_attempts=3))

if __name__ == "__main__":
    print(pipeline.run({"find": {"urls": ["http://localhost:3007/"]}}))
