"""The last minutes of a site, from the live counters: asked for, or pushed over a WebSocket.

live.py      GET /realtime
ticket.py    POST /realtime/ticket: who may watch gets a ticket that opens a socket
socket.py    what a socket is answered: opened with a ticket, asked for numbers, closed
push.py      what those who watch are told without asking
"""
