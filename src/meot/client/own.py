"""What is one's own: closet, drafts, tokens, and the work that goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from meot.client import closet_answers, own_answers
from meot.client.calls import Calls
from meot.client.forms import Photo, file_of, form_of


class Own(Calls):
    """The operations for who has a token."""

    # -- who asks

    def me(self) -> own_answers.Me:
        """Whom the token stands for."""
        return cast(own_answers.Me, self.ask("GET", "/me"))

    def tokens(self) -> Iterator[own_answers.Token]:
        """One's tokens, the newest first."""
        return self.pages("/tokens", "tokens")

    def make_token(
        self, name: str = "", *, scopes: Sequence[own_answers.Scope] = ("read",), days: int | None = None
    ) -> own_answers.NewToken:
        """A new token. days: how long it holds; None for until it is taken back."""
        wish = {"name": name, "scopes": list(scopes), "days": days}
        return cast(own_answers.NewToken, self.ask("POST", "/tokens", body=wish))

    def revoke_token(self, number: int) -> None:
        """Take a token back."""
        self.ask("DELETE", f"/tokens/{number}")

    # -- the closet

    def closet(self) -> Iterator[closet_answers.OwnedPhoto]:
        """The photos of what one owns, the newest first, with what was read from them."""
        return self.pages("/closet", "photos")

    def add_to_closet(self, photos: Sequence[Photo]) -> int:
        """Add photos of what one owns; the number of the job that reads them, see :meth:`wait`.

        Those that are refused stay out; :meth:`send_to_closet` tells which.
        """
        return self.send_to_closet(photos)["job"]

    def send_to_closet(self, photos: Sequence[Photo]) -> closet_answers.Adding:
        """The same, with what was taken and what was refused and why."""
        form = {"photo": [file_of(photo) for photo in photos]}
        return cast(closet_answers.Adding, self.ask("POST", "/closet", form=form))

    def remove_from_closet(self, photo: int) -> None:
        """Remove a photo by its number, with all that was read from it."""
        self.ask("DELETE", f"/closet/photos/{photo}")

    def duplicates(self) -> closet_answers.Duplicates:
        """Owned garments of which one would do."""
        return cast(closet_answers.Duplicates, self.ask("GET", "/closet/duplicates"))

    def compare(
        self,
        photo: Photo | None = None,
        *,
        url: str | None = None,
        look: str | None = None,
        person: int = 1,
        budget: float | None = None,
    ) -> closet_answers.Comparison:
        """A look beside what one owns, and what to buy. url, look: instead of a photo, its address or a shop's look.

        person: of several people, whose look. budget: of the whole shopping list.
        """
        asked = {**form_of(photo, url=url, look=look), "person": str(person)}
        if budget is not None:
            asked["budget"] = str(budget)
        return cast(closet_answers.Comparison, self.ask("POST", "/closet/compare", form=asked))

    def looks(self, limit: int = 12) -> closet_answers.Looks:
        """The shop's looks by how much of them one owns, and the purchases that would complete most of them."""
        return cast(closet_answers.Looks, self.ask("GET", "/closet/looks", query={"limit": limit}))

    def say_not_alike(
        self,
        photo: Photo | None = None,
        *,
        garment: int,
        owned: int,
        url: str | None = None,
        look: str | None = None,
    ) -> closet_answers.NotAlike:
        """Say that an owned garment is not like one of a look, as a comparison numbers both."""
        asked = {**form_of(photo, url=url, look=look), "garment": str(garment), "owned": str(owned)}
        return cast(closet_answers.NotAlike, self.ask("POST", "/closet/not-alike", form=asked))

    def not_alike(self) -> Iterator[closet_answers.Said]:
        """What one said is not alike, the last word first."""
        return self.pages("/closet/not-alike", "words")

    def undo_not_alike(self) -> closet_answers.NotAlike:
        """Take the last word back."""
        return cast(closet_answers.NotAlike, self.ask("DELETE", "/closet/not-alike"))

    # -- drafts

    def drafts(self, state: str | None = None) -> Iterator[own_answers.Draft]:
        """One's drafts of listings; of a state ("sure", "review", "failed") when given."""
        return self.pages("/drafts", "drafts", {"state": state})

    def draft(self, photos: Sequence[Photo], *, facts: Photo | None = None) -> int:
        """Draft listings from photos; the number of the job that does it, see :meth:`wait`. facts: a CSV's file."""
        form: dict[str, object] = {"photo": [file_of(photo) for photo in photos]}
        if facts is not None:
            form["facts"] = file_of(facts)
        return int(self.ask("POST", "/drafts", form=form)["job"])

    def correct(self, draft: int, fields: Mapping[str, str]) -> own_answers.WholeDraft:
        """Correct or complete a draft; an empty value takes a correction back."""
        return cast(own_answers.WholeDraft, self.ask("PATCH", f"/drafts/{draft}", body={"fields": dict(fields)}))

    # -- the work that goes on

    def job(self, number: int) -> own_answers.Job:
        """How far a job is."""
        return cast(own_answers.Job, self.ask("GET", f"/jobs/{number}"))

    def wait(self, number: int, *, every_s: float = 1.0, most_s: float = 3600.0) -> own_answers.Job:
        """A job when it is over, however it ended; or as it is after ``most_s`` seconds."""
        ends = time.monotonic() + most_s
        while (job := self.job(number))["state"] in ("waiting", "running") and time.monotonic() < ends:
            time.sleep(every_s)
        return job
