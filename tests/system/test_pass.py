"""Bodies that are passed through: the endpoint in front of openai_server.py, whose models answer themselves."""
import http.client
import json
import time

from endpoint import Endpoint, chat
from rig import PATIENCE, expect, main, wait_for
from upstream import Server

# Nothing of this survives a parser: blanks, a number's form, escapes, fields that nobody knows.
BODY = ('{ "model" : "tiny",\n"messages":[{"role":"user","content":"What is 6*7? \\u00fc\u00fc"}], "seed":1,'
        ' "temperature":1.50, "zebra":{"b":1e2,"a":[null,1.0]}, "tool_choice":"auto", "tools":[{"type":"function",'
        ' "function":{"name":"f","parameters":{"type":"object","properties":{}}}}]%s}')


def served(rig, server, habits="", *args):
    return Endpoint(rig, "--upstream", server.url(habits), "-k", "4", *args)


def direct(server, body, habits=""):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    path = f"/{habits}/v1/chat/completions" if habits else "/v1/chat/completions"
    connection.request("POST", path, body.encode(), {"Content-Type": "application/json"})
    response = connection.getresponse()
    return response.status, response.read()


def test_bodies_and_replies_are_the_same_byte_for_byte(rig):
    with Server(rig) as server:
        e = served(rig, server)
        names = [m["id"] for m in e.call("GET", "/v1/models").json["data"]]
        expect(names == ["surety-tiny", "tiny"], names)
        for end in ("", ', "stream":true', ', "stream":true, "stream_options":{"include_usage":true}'):
            body = BODY % end
            status, whole = direct(server, body)
            reply = e.call("POST", "/v1/chat/completions", body.encode())
            kind = "text/event-stream" if end else "application/json"
            expect(reply.status == status == 200 and reply.headers["Content-Type"].startswith(kind), reply.headers)
            expect(reply.body == whole, reply.body, whole)
            expect(server.stats["raw"][-1] == server.stats["raw"][-2] == body, server.stats["raw"][-2:])
        expect(e.chat("What is 6*7?", model="surety-tiny").own["answer"] == "42", "the other name")
        expect(server.stats["aborted"] == 0, server.stats)


def test_errors_of_the_server_are_given_on(rig):
    with Server(rig) as server:
        e = served(rig, server)
        for end in ("", ', "stream":true'):
            body = (BODY % end).replace("6*7", "x" * 20000)  # beyond its context
            reply = e.call("POST", "/v1/chat/completions", body.encode())
            expect((reply.status, reply.body) == direct(server, body) and reply.status == 400, reply.body)
        e = served(rig, server, "allfail")
        expect(e.chat("Why?", model="tiny").status == 500)
        asked = [b["messages"][-1]["content"] for b in server.stats["bodies"] if "messages" in b]
        expect(asked.count("Why?") == 1, "tried again")
        e = served(rig, server, "busy")
        busy = e.chat("Why not?", model="tiny")
        expect(busy.status == 429 and busy.headers["Retry-After"], busy.headers)
        expect(e.chat("Why not?", model="tiny").status == 200)


def test_reply_that_breaks_off_is_an_error_and_not_begun_anew(rig):
    with Server(rig) as server:
        e = served(rig, server, "alwaysdrops")
        reply = e.chat("Why?", model="tiny", stream=True, seed=1)
        events = [line for line in reply.body.decode().split("\n\n") if line]
        expect(reply.status == 200 and "[DONE]" not in reply.body.decode(), reply.body)
        expect("error" in json.loads(events[-1][6:]) and "broke off" in events[-1], events[-1])
        expect(server.stats["chats"] == 1, server.stats)


def test_client_that_goes_closes_the_servers_connection(rig):
    with Server(rig) as server:
        e = served(rig, server, "endless")
        connection = e.connect()
        connection.request("POST", "/v1/chat/completions", json.dumps(chat("Why?", model="tiny", stream=True)),
                           {"Content-Type": "application/json"})
        response = connection.getresponse()
        expect(response.status == 200 and response.read(10))
        expect(server.stats["open"] == 1, server.stats)
        response.close()
        connection.close()
        wait_for(lambda: server.stats["open"] == 0, lambda: server.stats, PATIENCE)
        expect(server.stats["aborted"] == 1, server.stats)
        slow = served(rig, server, "slow")
        connection = slow.connect()
        connection.request("POST", "/v1/chat/completions", json.dumps(chat("Why?", model="tiny")),
                           {"Content-Type": "application/json"})
        wait_for(lambda: server.stats["open"] == 1, lambda: server.stats, PATIENCE)
        connection.close()
        wait_for(lambda: server.stats["aborted"] == 2, lambda: server.stats, PATIENCE)


def test_slots_and_deadlines_hold(rig):
    with Server(rig) as server:
        e = served(rig, server, "slow", "--deadline", "1")
        began = time.monotonic()
        reply = e.chat("Why?", model="tiny")
        expect(reply.status == 504 and time.monotonic() - began < 3, reply.status, reply.body)
        e = served(rig, server)
        waiting = []
        for _ in range(12):
            connection = e.connect()
            connection.request("POST", "/v1/chat/completions", json.dumps(chat("Why?", model="tiny")),
                               {"Content-Type": "application/json"})
            waiting.append(connection)
        expect(all(c.getresponse().status == 200 for c in waiting))
        expect(server.stats["at_once"] <= 4, server.stats)


def test_what_is_not_json_becomes_an_error(rig):
    with Server(rig) as server:
        e = served(rig, server, "whole")  # it does not stream, although it was asked to
        reply = e.chat("Why?", model="tiny", stream=True)
        expect(reply.json["choices"][0]["message"]["content"] and
               reply.headers["Content-Type"].startswith("application/json"), reply.headers)
        error = e.chat("Why?", model="gone")
        expect(error.status == 404 and "surety-tiny, tiny" in error.error["message"], error.body)


main(globals())
