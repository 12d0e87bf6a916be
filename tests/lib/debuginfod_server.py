"""A debuginfod server of some lines, for tests: debuginfod_server.py MODE FOLDER LOG

Serves FOLDER/BUILDID to GET /buildid/BUILDID/debuginfo on a port of its choice, which it writes to LOG.port. LOG gets a
line for every request. MODE: "serve"; "silent" takes requests and never answers; "stall" sends the first 1000 bytes of
a file and no more.
"""
import os
import socketserver
import sys
import time

mode, folder, log_path = sys.argv[1:]


def log(text):
    with open(log_path, "a") as file:
        file.write(text + "\n")


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        words = self.rfile.readline().decode("latin-1").split()
        if not words:  # gone before it asked
            return
        while self.rfile.readline().strip():
            pass
        parts = words[1].split("/")
        log(" ".join(words[:2]))
        if mode == "silent":
            time.sleep(3600)
        path = os.path.join(folder, parts[2]) if len(parts) == 4 and parts[3] == "debuginfo" else ""
        if not os.path.isfile(path):
            self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        data = open(path, "rb").read()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(data))
        if mode == "stall":
            self.wfile.write(data[:1000])
            time.sleep(3600)
        self.wfile.write(data)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
with open(log_path + ".new", "w") as file:
    file.write("%d\n" % server.server_address[1])
os.rename(log_path + ".new", log_path + ".port")
server.serve_forever()
