"""Agents: how something is called, and what can go wrong on the way.

In: an agent's declaration with its settings evaluated (`AgentSpec`). Out: something that answers
(`contract.Connection`), chosen by the scheme of its URL. Whatever the network or the agent does ends as
a reply or as a `Failure` of the closed list; nothing here retries.
"""
