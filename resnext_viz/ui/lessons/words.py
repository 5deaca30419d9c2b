"""What page and bar say beside the lessons' own sentences: whole messages with named values, to be translated so."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # The page.
    "about": "{count} questions about the network on the dials. You answer first, then the page itself computes it.",
    "class": "With a class, vote first and give a reason. Three to five questions fill an hour, so take any three.",
    "students_sheet": "Handout for students",
    "teachers_sheet": "Handout with answers",
    "start_class": "Start with a class",
    "ask_class": "Ask the class",
    "standing": "{phase} · phones here: {phones} · voted: {voted}",
    "remote": "Open the remote",
    "remote_secret": "It drives the room and shows how many are right: on your own phone or in a window that the class "
    "does not see. Whoever has its address drives, too.",
    "end_room": "End the room",
    "room_refused": "The room did not do that.",
    "room_gone": "The room has ended.",
    "room_gone_why": "A room ends after four hours, or when the server starts anew. Start another one.",
    "where": "{page} · {minutes} min",
    "measured": "{page} · {minutes} min · measured on this machine",
    "by": "{page} · {minutes} min · by {author}",
    "start": "Start",
    "again": "Again",
    "move": "Move the dials",
    "answered_right": "You said {said}. So it was computed.",
    "answered_wrong": "You said {said}. Computed: {right}.",
    "answered": "You said {said}.",
    "answered_unsure": "You were not sure.",
    "kept": "Every number is computed for the network on the dials; lessons 3 to 5 measure on this machine. What you "
    "answered is kept in this tab only, and stands in no link.",
    "faulty": "{count} of the files in the folder of own lessons could not be taken whole.",
    # The bar.
    "number": "Lesson {number} of {count}",
    "own_number": "Lesson {number}",
    "step": "step {step} of {steps}",
    "no_lesson": "There is no lesson {number}.",
    "elsewhere": "This lesson runs on the page {page}.",
    "go_there": "Go to {page}",
    "leave": "Leave the lesson",
    "skip": "Skip the question",
    "question_again": "Question again",
    "because": "Because (in a line, if you like)",
    "answer": "Answer",
    "covered": "Covered until you answer",
    "covered_page": "The page and its dials are covered until you answer. Your answer stays in this tab.",
    "you_said": "You said",
    "not_said": "You did not answer.",
    "not_sure": "You were not sure.",
    "reason": "because {reason}",
    "computed": "Computed for {network}",
    "measured_here": "Measured here for {network}",
    "computed_bundled": "Computed with the bundled network",
    "one_of_two": "Both count",
    "right": "You had it",
    "see": "See it on the page",
    "why": "Behind {value}",
    "take": "Takeaway",
    "to_take": "To the takeaway",
    "more": "Harder question",
    "show_answer": "Show its answer",
    "harder": "Harder",
    "more_answer": "Answer",
    "next": "Next lesson",
    "all": "All lessons",
    "measure": "Measure it now",
    "measure_failed": "It could not be measured.",
    "measure_stopped": "Stopped before it was measured.",
    "before": "What you thought before",
    "now": "What you think now",
    "now_asked": "What do you think now? (in a line, for yourself)",
}

# How a room stands, by its phase.
PHASES: Mapping[str, str] = {
    "waiting": "Nothing is asked yet",
    "ask": "First vote",
    "closed": "First vote closed",
    "talk": "Talk to your neighbour",
    "ask again": "Second vote",
    "closed again": "Second vote closed",
    "shown": "Answer shown",
}


def said(key: str, **values: str | int) -> str:
    """The message of that key with its values."""
    return WORDS[key].format_map(values)
