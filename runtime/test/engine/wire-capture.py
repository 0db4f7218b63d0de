"""Reads what goes over the pod's network interface for some seconds, and tells how often a word is seen in plain sight."""
import json, socket, struct, sys, time

word, seconds = sys.argv[1].encode(), float(sys.argv[2])
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(0x0800))
wire.bind(("eth0", 0))
wire.settimeout(0.2)
print("listening", file=sys.stderr, flush=True)
seen = {"packets": 0, "bytes": 0, "word": 0, "handshakes": 0}
end = time.time() + seconds
while time.time() < end:
    try:
        frame = wire.recv(65535)
    except socket.timeout:
        continue
    ip = frame[14:]
    header = (ip[0] & 15) * 4
    if ip[9] != socket.IPPROTO_TCP:
        continue
    tcp = ip[header:struct.unpack("!H", ip[2:4])[0]]
    payload = tcp[(tcp[12] >> 4) * 4:]
    if payload:
        seen["packets"] += 1
        seen["bytes"] += len(payload)
        seen["word"] += payload.count(word)
        # A record of TLS that holds a ClientHello; RFC 8446 5.1.
        seen["handshakes"] += payload[0] == 22 and payload[5] == 1
print(json.dumps(seen))
