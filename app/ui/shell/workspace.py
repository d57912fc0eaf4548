"""The workspace: tabs, the canvas with the current tool, and the hint line below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QTabBar, QToolButton, QWidget

from app.configuration.actions import TOOLS
from app.configuration.text import t
from app.document.retouching.copy_source import OtherPhoto, source_of
from app.session.controller import Controller
from app.session.notice import Notice
from app.session.session import Session
from app.ui.canvas.canvas import Canvas
from app.ui.overlays.spot_view import SpotView
from app.ui.theme.icons import make_icon
from app.ui.tools.build_tool import build_tool
from app.ui.tools.tool import PointerState
from app.ui.widgets.layouts import lay_out_column
from app.workers.jobs import Lane
from inpaint_core.contract.file_names import show_name
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.preview import FillPreview

_TAB_CHARACTERS = 40
"""The widest tab, in characters of average width."""


class Workspace(QWidget):
    """Shows the current photo, with the tool ``tool`` working on it; tools compute on ``lane``.

    ``picked(id)``: another tool was picked. ``notice_withdrawn(Notice)``: that was about the last
    one, or about what has succeeded since.
    """

    picked = Signal(str)
    notice_withdrawn = Signal(object)

    def __init__(self, controller: Controller, lane: Lane) -> None:
        super().__init__()
        self._controller = controller
        self._lane = lane
        self._session: Session | None = None
        self._tool_notice: Notice | None = None
        self.tool = TOOLS[0]
        self.tabs = PhotoTabs()
        self.canvas = Canvas(controller.settings)
        self.spot_view = SpotView(self.canvas, controller.settings)
        self.column = lay_out_column(self, self.tabs, (self.canvas, 1), spacing=0)
        self.setFocusProxy(self.canvas)
        self.tabs.asked.connect(controller.show)
        self.canvas.stroke_finished.connect(controller.stroke_finished)
        controller.session_opened.connect(self.tabs.add)
        controller.session_closed.connect(self._on_closed)
        controller.current_changed.connect(self._on_current_changed)
        controller.actions_changed.connect(self.tabs.rename)
        controller.filler.part_finished.connect(self._on_part)
        controller.filler.preview_made.connect(self._on_preview)
        controller.filler.fill_progressed.connect(self._on_fill_progressed)

    def pick(self, tool: str) -> None:
        """Use the tool ``tool`` from now on."""
        self.tool = tool
        self._build_tool()
        if self.canvas.tool is not None:
            self.canvas.tool.tell_missing()
        self.picked.emit(tool)

    def _on_tool_notice(self, text: str, hint: str) -> None:
        self._tool_notice = Notice(text, hint, is_calm=True)
        self._controller.post_notice(self._tool_notice)

    def _withdraw_tool_notice(self) -> None:
        if self._tool_notice is not None:
            self.notice_withdrawn.emit(self._tool_notice)
            self._tool_notice = None

    def _on_proposal(self) -> None:
        if self.canvas.tool is not None and self.canvas.tool.has_proposal:
            self._withdraw_tool_notice()  # something was found after all

    def _build_tool(self) -> None:
        self._withdraw_tool_notice()  # it was about the tool before
        if self._session is None:
            self.canvas.set_tool(None)
            return
        settings = self._controller.settings
        document = self._session.document
        tool = build_tool(self.tool, document, settings, self._lane, self._list_others)
        tool.notice_posted.connect(self._on_tool_notice)
        tool.committed.connect(self._withdraw_tool_notice)
        tool.proposal_changed.connect(self._on_proposal)
        tool.search_started.connect(self._controller.show_task)
        for changed in (tool.proposal_changed, tool.hint_changed):
            changed.connect(self._controller.update_actions)
        self.spot_view.show_view(self.tool == "spots")
        self.canvas.set_tool(tool)
        self._controller.update_actions()  # another tool has no proposal, and another hint

    def _list_others(self) -> list[Pixels]:
        """The pixels of the other open photos of the same size: perhaps of the same camera."""
        assert self._session is not None
        shape, own = self._session.document.shape, self._session
        others = (session for session in self._controller.sessions if session is not own)
        return [s.document.pixels for s in others if s.document.shape == shape]

    def copy_from_other(self) -> None:
        """Let the clone and heal brushes copy from where Alt was clicked last in another photo."""
        from app.ui.tools.copy_tools import CloneTool

        own, sessions = self._session, self._controller.sessions
        others = [(source_of(s.document), s) for s in sessions if s is not own]
        chosen = [(source.set_at, source, s) for source, s in others if source.points is not None]
        if own is None or not chosen:
            self._on_tool_notice(t("tools.copy.no_other"), t("tools.copy.no_other.hint"))
            return
        _, source, session = max(chosen, key=lambda each: each[0])
        if session.document.photo.icc != own.document.photo.icc:
            name = t("tools.copy.other_colours", name=session.name)
            self._on_tool_notice(name, t("tools.copy.other_colours.hint"))
            return
        if not isinstance(self.canvas.tool, CloneTool):
            self.pick("clone")
        assert source.point is not None
        other = OtherPhoto(session.document, session.opened_file.picture)
        source_of(own.document).set_point(source.point, other=other)
        text = t("tools.copy.from_other", name=session.name)
        self._controller.post_notice(Notice(text, is_calm=True, fades=True))
        self.canvas.setFocus()

    def select_middle(self) -> None:
        """Use the object tool, and click with it in the middle of the view."""
        from app.ui.tools.object_tool import ObjectTool

        if self.tool != "snap":
            self.pick("snap")
        tool = self.canvas.tool
        if isinstance(tool, ObjectTool):
            view = self.canvas.views()[-1]  # side by side, the photo as it is now
            at = view.pane.center()
            point = view.to_photo(at)
            tool.click(PointerState(point.x(), point.y(), at))

    def find_wires(self) -> None:
        """Use the tool for wires, and propose all of them."""
        from app.ui.tools.wire_tool import WireTool

        self.pick("wires")
        tool = self.canvas.tool
        if isinstance(tool, WireTool):
            tool.find_all()

    def add_proposal(self) -> None:
        """Add what the tool proposes to the mask."""
        if self.canvas.tool is not None:
            self.canvas.tool.add_proposal()
            self.canvas.setFocus()

    def discard_proposal(self) -> None:
        """Discard what the tool proposes."""
        if self.canvas.tool is not None:
            self.canvas.tool.cancel()
            self.canvas.setFocus()

    def _on_current_changed(self, session: Session | None) -> None:
        if self._session is not None:
            self._session.saved_view = self.canvas.view_position()
        self._session = session
        self.tabs.show_photo(session)
        self.canvas.set_tool(None)
        if session is None:
            self.canvas.show_document(None, None)
            return
        self.canvas.show_document(session.document, session.opened_file.picture)
        if session.saved_view is not None:
            self.canvas.restore_view(session.saved_view)
        self._build_tool()
        if session.running_fill is not None:
            for preview in session.running_fill.previews.values():
                self._on_preview(session, preview)
            for rect, pixels in session.running_fill.parts:
                self._on_part(session, rect, pixels)
            self.canvas.show_progress(session.running_fill.progress.fraction)

    def _on_closed(self, session: Session) -> None:
        self.tabs.remove(session)
        for other in self._controller.sessions:
            source_of(other.document).forget(session.document)
        session.opened_file.picture.unfollow()
        if session is self._session:
            self._session = None  # its view need not be remembered

    def _on_part(self, session: Session, rect: Rect, pixels: Pixels) -> None:
        if session is self._session:
            self._hide_mask(session, rect)
            self.canvas.preview(rect, pixels)

    def _on_preview(self, session: Session, preview: FillPreview) -> None:
        if session is self._session:
            self._hide_mask(session, preview.rect)
            self.canvas.preview_unfinished(preview)

    def _hide_mask(self, session: Session, rect: Rect) -> None:
        """Hide what was painted for the running fill around ``rect``, where it is filled."""
        fill = session.running_fill
        if fill is not None and fill.frozen_request is not None:
            frozen = fill.frozen_request
            # A mask that is made smaller was painted beyond what is filled.
            around = rect.grow(max(-(frozen.options.grow or 0), 0) + 1)
            around = around.intersect(Rect.whole(session.document.shape))
            self.canvas.hide_mask(around, frozen.mask.over)

    def _on_fill_progressed(self, session: Session) -> None:
        if session is self._session:
            if session.running_fill is None:
                self.canvas.clear_preview()
            else:
                self.canvas.show_progress(session.running_fill.progress.fraction)
        self.tabs.rename()


class PhotoTabs(QTabBar):
    """One tab per open photo; hidden while there is only one. ``asked(session)``: a tab was chosen.
    ``close_asked(session)``: its cross was pressed.
    """

    asked = Signal(object)
    close_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._sessions: list[Session] = []
        self.setObjectName("tabs")
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setMovable(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)  # the mark at the end is kept
        self.setAccessibleName(t("window.tabs"))
        self.currentChanged.connect(self._on_current)
        self.hide()

    def tabSizeHint(self, index: int) -> QSize:
        """A width that leaves room for other tabs, however long the name is."""
        most = _TAB_CHARACTERS * self.fontMetrics().averageCharWidth()
        return super().tabSizeHint(index).boundedTo(QSize(most, self.maximumHeight()))

    def add(self, session: Session) -> None:
        """Add a tab for a photo."""
        self._sessions.append(session)
        self.blockSignals(True)
        at = self.addTab(session.name)
        self.blockSignals(False)
        cross = QToolButton()
        cross.setIconSize(QSize(12, 12))
        cross.setToolTip(t("actions.file.close.tip"))
        cross.setAccessibleName(t("actions.file.close.tip"))
        cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the action has a key
        cross.clicked.connect(lambda: self.close_asked.emit(session))
        self.setTabButton(at, QTabBar.ButtonPosition.RightSide, cross)
        self._draw_crosses()
        self.rename()

    def remove(self, session: Session) -> None:
        """Remove the tab of a photo."""
        at = self._sessions.index(session)
        self._sessions.remove(session)
        self.blockSignals(True)
        self.removeTab(at)
        self.blockSignals(False)
        self.rename()

    def show_photo(self, session: Session | None) -> None:
        """Mark the tab of the current photo."""
        if session is not None:
            self.blockSignals(True)
            self.setCurrentIndex(self._sessions.index(session))
            self.blockSignals(False)
            self._draw_crosses()

    def rename(self) -> None:
        """Mark the tabs of photos that are unsaved or being filled."""
        self.setVisible(len(self._sessions) > 1)
        for at, session in enumerate(self._sessions):
            mark = "… " if session.running_fill is not None else ""
            star = " •" if session.document.is_modified else ""
            self.setTabText(at, f"{mark}{session.name.replace('&', '&&')}{star}")
            path = session.document.path
            self.setTabToolTip(at, session.name if path is None else show_name(path))

    def _draw_crosses(self) -> None:
        """Draw each cross in the colour of its tab's text."""
        for at in range(self.count()):
            cross = self.tabButton(at, QTabBar.ButtonPosition.RightSide)
            if isinstance(cross, QToolButton):
                is_current = at == self.currentIndex()
                cross.setIcon(make_icon("ph.x", "on_canvas" if is_current else "muted"))

    def _on_current(self, at: int) -> None:
        if 0 <= at < len(self._sessions):
            self.asked.emit(self._sessions[at])
