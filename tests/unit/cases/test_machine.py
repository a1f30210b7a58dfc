"""Random moves of the owner, an attacker, an administrator and the clock: what must hold whatever they do."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from recovery_core.accounts.account import Contact, ContactKind, Status
from recovery_core.cases import linking, opening, resuming, vetoing
from recovery_core.cases.challenging import rule_for
from recovery_core.cases.completing import PasswordRefusedError, expire_grant
from recovery_core.cases.flow import MOVES, State
from recovery_core.cases.proving import Try
from recovery_core.cases.sweeping import Keeping, Sweep
from recovery_core.errors import RecoveryError
from recovery_core.messages import FormPurpose
from recovery_core.notices.delivery import Template
from recovery_core.numbers import Numbers, Profile
from recovery_core.proofs.challenge import ChallengeState
from recovery_core.proofs.methods import CHALLENGES, Method, enough
from tests.fakes_store_notices import Audit
from tests.unit.cases.company import ALICE, CAROL, NOBODY, POSTMASTER
from tests.unit.cases.house import House

WHO = st.sampled_from(["owner", "attacker"])
ADDRESS = st.sampled_from([ALICE.address, CAROL.address, POSTMASTER.address, NOBODY])
ACCOUNT = st.sampled_from(["id-alice", "id-carol", "id-postmaster"])
STEP = st.sampled_from([-61, -30, 20, 60, 61, 300, 900, 1801, 86_400, 3 * 86_400])


class Recovery(RuleBasedStateMachine):
    """Anyone may do anything at any time."""

    def __init__(self) -> None:
        """Build the house; remember which proofs were really given."""
        super().__init__()
        self.runner = asyncio.Runner()
        self.given: dict[str, set[Method]] = defaultdict(set)
        self.tickets: list[resuming.ReturnTicket] = []
        self.passwords = 0

    @initialize(profile=st.sampled_from(Profile), address=ADDRESS, far=st.integers(0, 3))
    def build(self, profile: Profile, address: str, far: int) -> None:
        """Move in; the attacker, who holds everything, may already be far."""
        pace = {"client_addresses_per_hour": 9, "resend_wait": timedelta(seconds=1), "sends_per_hour": 50}
        self.house = House(Numbers(profile=profile, sends_per_day=100, **pace))
        self.house.talk("owner")
        self.house.talk("attacker")
        self.sweep = Sweep(self.house.parts, Keeping())
        self.seen = self.look()
        begun = (
            lambda: self.begin("attacker", address, Method.MAIL),
            lambda: self.prove("attacker", [Method.SMS, Method.MAIL]),
            lambda: self.set_password("attacker", good=True),
        )
        for step in begun[:far]:
            step()

    def teardown(self) -> None:
        """Close the loop."""
        self.runner.close()

    def run(self, action: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401
        """Run a use case, and look what it changed; a refusal is an answer."""
        try:
            return self.runner.run(action)
        except RecoveryError as refused:
            return refused
        finally:
            self.moves_are_allowed()
            self.passwords_change_only_by_completing()

    def look(self) -> tuple[dict[str, State], dict[str, int]]:
        """Return the states of all cases and the versions of all passwords."""
        data = self.house.data
        return (
            {case.id: case.state for case in data.cases.values()},
            {id_: held.version for id_, held in data.credentials.items()},
        )

    def pending(self, who: str, method: Method) -> bool:
        """Tell whether that challenge is the newest of the conversation."""
        if not any(case.conversation_id == who for case in self.house.data.cases.values()):
            return False
        case = self.house.case(who)
        own = [c for c in self.house.data.challenges.values() if c.case_id == case.id]
        return bool(own) and own[-1].method is method

    @rule(who=WHO, address=ADDRESS)
    def identify(self, who: str, address: str) -> None:
        """Name an address."""
        self.run(self.house.identify(address, who))

    @rule(who=WHO, method=st.sampled_from(CHALLENGES))
    def ask(self, who: str, method: Method) -> None:
        """Ask for a proof."""
        self.run(self.house.ask(method, who))

    @rule(who=WHO, address=ADDRESS, method=st.sampled_from(CHALLENGES))
    def begin(self, who: str, address: str, method: Method) -> None:
        """Name an address and ask for a proof."""
        self.identify(who, address)
        self.ask(who, method)

    @rule(who=WHO, methods=st.permutations([Method.SMS, Method.MAIL]))
    def prove(self, who: str, methods: list[Method]) -> None:
        """Give as many right proofs as it takes."""
        self.house.clock.move(timedelta(seconds=1))
        for method in methods:
            self.ask(who, method)
            self.code(who, right=True, said=False)
            self.press(who, who, knows=True)

    @rule(who=WHO, right=st.booleans(), said=st.booleans())
    def code(self, who: str, right: bool, said: bool) -> None:  # noqa: FBT001
        """Send a code, in the form or in the chat."""
        if not self.pending(who, Method.SMS):
            return
        code, case = self.house.code(who) if right else self.house.wrong_code(who), self.house.case(who)
        before = case.proofs
        self.run(self.house.hear(code, who) if said else self.house.try_code(code, who))
        if len(self.house.data.cases[case.id].proofs) > len(before):
            assert right
            self.given[case.id].add(Method.SMS)

    @rule(who=WHO, right=st.booleans())
    def answers(self, who: str, right: bool) -> None:  # noqa: FBT001
        """Send answers."""
        if not self.pending(who, Method.QUESTIONS):
            return
        given = ("旺财", "杭州") if right else ("no", "idea")
        tried = self.run(self.house.answer(given, who))
        if tried.outcome is Try.RIGHT:
            assert right
            self.given[tried.case.id].add(Method.QUESTIONS)

    @rule(asked=WHO, who=WHO, knows=st.booleans())
    def press(self, asked: str, who: str, knows: bool) -> None:  # noqa: FBT001
        """Press the link that one conversation asked for, maybe in another browser."""
        if not self.pending(asked, Method.MAIL):
            return
        tail = self.house.case(asked).reference[-4:] if knows else "????"
        case = self.run(linking.press(self.house.parts, self.house.link(asked), who, tail))
        if not isinstance(case, RecoveryError):
            assert knows or asked == who
            self.given[case.id].add(Method.MAIL)

    @rule(asked=WHO)
    def deny(self, asked: str) -> None:
        """Say "this was not me" beside the link."""
        if self.pending(asked, Method.MAIL):
            self.run(linking.deny(self.house.parts, self.house.link(asked)))

    @precondition(lambda self: any(case.grant for case in self.house.data.cases.values()))
    @rule(who=WHO, good=st.booleans())
    def set_password(self, who: str, good: bool) -> None:  # noqa: FBT001
        """Send a new password where a form opens."""
        if not any(c.conversation_id == who and c.grant for c in self.house.data.cases.values()):
            return
        case = self.house.case(who)
        if case.grant is None or case.state is not State.PROVEN:
            return
        account = self.house.data.accounts[case.account_id or ""]
        wanted = rule_for(self.house.parts, account)
        self.passwords += 1
        done = self.run(self.house.set(f"Maple&River{self.passwords:03}" if good else "short", who))
        if isinstance(done, RecoveryError):
            assert good or isinstance(done, PasswordRefusedError) or done.code == "grant_expired"
            return
        assert account.status is Status.ACTIVE
        assert enough(wanted, case.proofs)
        assert self.house.clock.now() < case.grant.expires_at

    @rule(who=WHO)
    def ticket(self, who: str) -> None:
        """Ask for a resume secret."""
        if any(c.conversation_id == who and not c.ended for c in self.house.data.cases.values()):
            if self.house.case(who).ended:
                return
            form = self.run(self.house.form(FormPurpose.RESUME, who))
            self.tickets.append(self.run(resuming.issue(self.house.parts, form, who)))

    @precondition(lambda self: self.tickets)
    @rule(who=WHO)
    def resume(self, who: str) -> None:
        """Come back with the newest secret."""
        last = self.tickets[-1]
        case = self.run(resuming.resume(self.house.parts, who, who, last.reference, last.secret))
        if not isinstance(case, RecoveryError):
            assert (case.proofs, case.grant) == ((), None)
            self.given.pop(case.id, None)

    @rule(who=WHO, text=st.sampled_from(["hello", "code 123456?", "my password is Tulip#4417q"]))
    def talk(self, who: str, text: str) -> None:
        """Say something."""
        self.run(self.house.hear(text, who))

    @precondition(lambda self: len(self.house.data.cases) > 1)
    @rule(who=WHO)
    def cancel(self, who: str) -> None:
        """Give up."""
        self.run(opening.cancel(self.house.parts, who))

    @precondition(lambda self: any(case.grant for case in self.house.data.cases.values()))
    @rule(who=WHO)
    def give_back(self, who: str) -> None:
        """Open the form of a grant that may be dead."""
        self.run(expire_grant(self.house.parts, who))

    @precondition(lambda self: self.house.data.vetoes)
    @rule(last=st.booleans())
    def veto(self, last: bool) -> None:  # noqa: FBT001
        """Use the first or the newest veto that was mailed."""
        notices = [d for d in self.house.posted(Template.PASSWORD_CHANGED) if "veto_link" in d.variables]
        if notices:
            link = notices[-1 if last else 0].variables["veto_link"]
            self.run(vetoing.veto(self.house.parts, link.rpartition("/")[2]))

    @rule(account=ACCOUNT, status=st.sampled_from(Status))
    def set_status(self, account: str, status: Status) -> None:
        """Enable or disable."""
        self.house.change(account, status=status)

    @rule(account=ACCOUNT)
    def change_contacts(self, account: str) -> None:
        """Give the account another backup mailbox."""
        old = self.house.data.accounts[account]
        fresh = Contact(f"{account}-{old.contacts_version}", ContactKind.MAIL, "new@backup.example", "en")
        kept = tuple(c for c in old.contacts if c.kind is ContactKind.PHONE)
        version = old.contacts_version + 1
        self.house.change(account, contacts=(*kept, fresh), contacts_version=version)

    @rule(seconds=STEP)
    def wait(self, seconds: int) -> None:
        """Let time pass, or the clock go back."""
        self.house.clock.move(timedelta(seconds=seconds))

    @rule()
    def sweep_once(self) -> None:
        """Run the minute's sweep."""
        self.run(self.sweep.run_once())

    def moves_are_allowed(self) -> None:
        """R1: a case only makes moves of the table, and begins at the beginning."""
        before, after = self.seen[0], self.look()[0]
        for id_, state in after.items():
            old = before.get(id_, State.OPENED)
            assert state is old or state in MOVES[old], (id_, old, state)

    def passwords_change_only_by_completing(self) -> None:
        """R11, R12: a password's version rises only when a case of that account is completed or revoked."""
        (before, held), (after, holds) = self.seen, self.look()
        for id_, version in holds.items():
            if version != held[id_]:
                assert version == held[id_] + 1
                ended = [self.house.data.cases[c] for c, s in after.items() if s is not before.get(c)]
                states = {case.state for case in ended if case.account_id == id_}
                assert states & {State.COMPLETED, State.REVOKED}
        self.seen = after, holds

    @invariant()
    def proofs_were_given(self) -> None:
        """R2, R9: a case holds only proofs that were given for it, and none for an unknown address."""
        for case in self.house.data.cases.values():
            assert set(case.proofs) <= self.given[case.id]
            assert case.account_id is not None or case.proofs == ()

    @invariant()
    def grants_stand_on_proofs(self) -> None:
        """R9, R10: only a proven case has a grant, given for an active account; no end keeps one."""
        for case in self.house.data.cases.values():
            assert case.grant is None or case.state is State.PROVEN
            assert case.grant is None or case.grant.status == Status.ACTIVE.value
            if case.state is State.COMPLETED:
                assert len(set(case.proofs)) >= 1

    @invariant()
    def one_challenge_is_pending(self) -> None:
        """R4: a case has at most one pending challenge, and none unless it is challenged."""
        challenges = self.house.data.challenges.values()
        pending = [c.case_id for c in challenges if c.state is ChallengeState.PENDING]
        assert len(pending) == len(set(pending))
        for case_id in pending:
            assert self.house.data.cases[case_id].state is State.CHALLENGED

    @invariant()
    def the_trail_is_whole(self) -> None:
        """R21: every chain follows, and nothing that was anchored is gone."""
        assert self.runner.run(Audit(self.house.data).problems()) == []


Recovery.TestCase.settings = settings(max_examples=10, stateful_step_count=20, deadline=None)
TestRecovery = Recovery.TestCase
