import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from haystack import Pipeline
from haystack.components.fetchers import LinkContentFetcher


class Slow(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        time.sleep(1.5)
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"about ai")


pipeline = Pipeline()
pipeline.add_component("find", LinkContentFetcher(timeout=1000, retry_attempts=0))

if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Slow)
    Thread(target=server.serve_forever, daemon=True).start()
    print(pipeline.run({"find": {"urls": [f"http://127.0.0.1:{server.server_port}/"]}}))
