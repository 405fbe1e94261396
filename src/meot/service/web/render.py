"""Pages from templates, in the visitor's language."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from meot import taxonomy
from meot.errors import MeotError, PhotoError
from meot.service import batch, packed, problems
from meot.service.headers import split_address
from meot.service.texts import LANGUAGES, Texts, choose_language
from meot.service.web.job_reasons import tell_job
from meot.service.web.reasons import tell
from meot.service.web.sections import Section, sections_for, sections_of
from meot.service.web.voice import TaughtCalled, Voice

COOKIE, SCHEME = "language", "scheme"
SCHEMES = ("light", "dark")
"""Besides "auto", which is what the visitor's device says."""
_MANY = "multicolor"
"""The colour that is none."""


def build_address(path: str, asked: Mapping[str, object]) -> str:
    """``path`` with what is asked; nothing stands for what is None or empty."""
    query = urlencode({name: value for name, value in asked.items() if value not in (None, "")})
    return f"{path}?{query}" if query else path


def safe_link(link: str) -> str:
    """A shop's link when it is a web address, else nothing: a feed may hold anything."""
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return ""
    return link.strip() if parts.scheme in ("http", "https") and parts.netloc else ""


class Renderer:
    """Renders the templates of this package, in ``environment``. taught: see :class:`Voice`."""

    def __init__(
        self,
        *,
        texts: Texts,
        default_language: str,
        most_megabytes: int,
        accounts: bool = False,
        taught: TaughtCalled | None = None,
    ) -> None:
        self.texts = texts
        self._default, self.most_megabytes, self._accounts = default_language, most_megabytes, accounts
        self._sections: tuple[Section, ...] = ()
        self._taxonomy = taxonomy.load()
        self._voices = {
            code: Voice(language=code, texts=texts, taxonomy=self._taxonomy, taught=taught) for code in LANGUAGES
        }
        self.environment = Environment(
            loader=PackageLoader("meot.service"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals.update(
            address=build_address,
            languages=LANGUAGES,
            most_megabytes=most_megabytes,
            most_files=batch.MOST_PHOTOS,
            most_packed=packed.MOST_PHOTOS,
            accounts=accounts,
            job_reason=tell_job,
            regions=[r for r in self._taxonomy.regions if r.garment],
            categories=self._taxonomy.categories,
            colours=self._taxonomy.colours,
            swatches={
                c.id: "many" if c.id == _MANY else "#{:02x}{:02x}{:02x}".format(*c.anchors[0])
                for c in self._taxonomy.colours
            },
        )
        self.environment.filters["safe_link"] = safe_link

    def voice_for(self, request: Request) -> Voice:
        """The voice in which to speak to this visitor."""
        accepted = request.headers.get("accept-language", "")
        return self._voices[choose_language(request.cookies.get(COOKIE), accepted, self._default)]

    def render(self, request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """A page of ``template``.

        It knows ``say`` (the voice), ``here`` (its own address), ``place`` (its path), ``visitor`` (None where nobody
        asked who it is), ``sections``, ``scheme``, and ``values``.
        """
        voice = self.voice_for(request)
        around = {"language": voice.language, **self._surroundings(request)}
        written = self.environment.get_template(template).render(say=voice, **around | values)
        headers = {"Content-Language": voice.language, "Vary": "Accept-Language, Cookie", "Cache-Control": "no-cache"}
        return HTMLResponse(written, status, headers)

    def _surroundings(self, request: Request) -> dict[str, object]:
        if not self._sections:  # routes may be added after the renderer was built
            self._sections = sections_of(request.app)
        visitor = getattr(request.state, "visitor", None)
        chosen = request.cookies.get(SCHEME)
        return {
            "here": build_address(request.url.path, dict(request.query_params)) if request.method == "GET" else "/",
            "place": request.url.path,
            "scheme": chosen if chosen in SCHEMES else "",
            "visitor": visitor,
            "sections": sections_for(visitor, self._sections, accounts=self._accounts),
        }

    def render_problem(self, request: Request, kind: problems.Kind, error: Exception | None = None) -> HTMLResponse:
        """The page that says what went wrong, with a way on. error: whose reason is told, where the texts have one."""
        say = self.voice_for(request)
        signs_in = kind.status == 401 and self._accounts
        response = self.render(
            request,
            "problem.html",
            kind.status,
            sentence=say(f"problem.{'sign_in_again' if signs_in else kind.key}", megabytes=self.most_megabytes),
            sign_in=build_address("/signin", {"to": _sent_from(request)}) if signs_in else "",
            reason=tell(error, say) if isinstance(error, MeotError) and error.key else "",
            about_photo=kind.key in _PHOTO,
        )
        response.headers.update(problems.headers_of(kind))
        return response


def _sent_from(request: Request) -> str:
    """The path of the page that a form stood on; the start page's where nobody says, or another site."""
    page = split_address(request.headers.get("referer", ""))
    return page.path or "/" if page.netloc == request.url.netloc else "/"


_PHOTO = frozenset(kind.key for error, kind in problems.KINDS.items() if issubclass(error, PhotoError)) | {
    "look_gone",
    "busy",
}
"""Problems after which a visitor will want to give another photo."""
