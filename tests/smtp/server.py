"""A real SMTP server for the tests: aiosmtpd, told by its arguments what it demands and by the addresses how it fails.

    server.py --cert FILE --key FILE [--no-starttls] [--user NAME --password PASSWORD]

Prints one JSON object a line: first {"port": N}, then every recipient it was asked to take and every letter it took.
The local part of a recipient says what happens to the letter:

    later-2     450 at the first two tries
    never       550
    full        452 once the letter is there, at the first try
    drop        the connection breaks without a word, at the first try
    mute        no answer, ever
    others      taken
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def say(**facts):
    print(json.dumps(facts, ensure_ascii=False), flush=True)


class Handler:
    def __init__(self):
        self.tries = {}

    async def handle_RCPT(self, server, session, envelope, address, options):
        tries = self.tries[address] = self.tries.get(address, 0) + 1
        say(event="rcpt", to=address, tries=tries)
        name = address.split("@")[0]
        if name.startswith("later-") and tries <= int(name[len("later-"):]):
            return "450 4.2.0 " + address + " is busy, come back"
        if name == "never":
            return "550 5.1.1 " + address + " is nobody here"
        if name == "drop" and tries == 1:
            server.transport.abort()
            await asyncio.sleep(60)
        if name == "mute":
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        to = envelope.rcpt_tos
        if to == ["full@" + to[0].split("@")[1]] and self.tries[to[0]] == 1:
            return "452 4.3.1 no room, come back"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        say(
            event="letter",
            sender=envelope.mail_from,
            to=to,
            tls=session.ssl is not None,
            user=getattr(session.auth_data, "login", b"").decode() or None,
            headers=[[name, str(value)] for name, value in message.items()],
            body=message.get_content().replace("\r\n", "\n"),
        )
        return "250 taken"


async def main():
    take = argparse.ArgumentParser()
    take.add_argument("--cert", required=True)
    take.add_argument("--key", required=True)
    take.add_argument("--no-starttls", action="store_true")
    take.add_argument("--user")
    take.add_argument("--password")
    args = take.parse_args()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(args.cert, args.key)

    def known(server, session, envelope, mechanism, data):
        right = isinstance(data, LoginPassword) and data.login == args.user.encode() and data.password == args.password.encode()
        return AuthResult(success=right, handled=False, auth_data=data)

    handler = Handler()

    def serve():
        return SMTP(
            handler,
            hostname="mail.test",
            enable_SMTPUTF8=True,
            tls_context=None if args.no_starttls else context,
            require_starttls=not args.no_starttls,
            authenticator=known if args.user else None,
            auth_required=bool(args.user),
            auth_require_tls=True,
        )

    server = await asyncio.get_running_loop().create_server(serve, "127.0.0.1", 0)
    say(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


warnings.simplefilter("ignore")
asyncio.run(main())
