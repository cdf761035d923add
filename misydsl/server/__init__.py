"""Server: what this library answers over HTTP.

In: agents declared in Python, to be hosted where pipelines expect them. Out: the same agents at
`/api/v1/agents/{name}`, with health, on loopback unless asked otherwise. Whatever a request holds, the
answer is JSON, a problem document at worst, and never a stack trace.
"""
