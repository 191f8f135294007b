"""Whether things are noticed: metrics published, dashboards, event patterns, delivery of messages.

The modules, in reading order:

embedded_metrics   metrics in lines that code prints
metric_names       whether the dimensions of a metric name what is there
published_metrics  whether a metric is published in a deployment
dashboards         what dashboards draw
delivery           what sends to what, and whether it gets in
callers            what else calls functions by their permission
event_shapes       what a function is sent, by who sends it
code_messages      what code sends
event_patterns     which events a pattern matches
sample_events      events to try patterns on
"""
