import { button, buttons, section, text } from "../elements.js";
import { showAnswer } from "./answer.js";
import { showRooms } from "./rooms.js";
import { showSetUp } from "./set-up.js";
import { speak, words } from "./texts.js";
export function showOwner(frame) {
    return frame.show(async () => {
        await speak();
        const nodes = [
            text(words.explain),
            section(words.setUp, text(words.setUpWhy), buttons(button("set-up", words.setUp, () => showSetUp(frame), "primary"))),
            section(words.answer, text(words.answerWhy), buttons(button("answer", words.answer, () => showAnswer(frame)))),
            section(words.rooms, text(words.roomsWhy), buttons(button("rooms", words.rooms, () => showRooms(frame)))),
        ];
        return { name: "owner", title: words.heading, back: () => frame.home(), nodes };
    });
}
