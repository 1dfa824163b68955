#!/usr/bin/env python3
"""Replies with a known answer, by the kind of thing that makes readers take another one.

usage: make_answers.py [--votes] [--seed N] [--count N]

Prints N replies of each kind as rows of answers.tsv, the reason of the kind before them; with
--votes as samples for tests/bench/measure_answers.py. The same seed gives the same rows.
"""
import argparse
import json
import random

NAMES = ["Mia", "Tom", "Ada", "Noah", "Lena", "Omar"]
THINGS = ["apples", "clips", "marbles", "eggs", "tickets", "pages"]
KINDS = []


def kind(reason):
    def add(f):
        KINDS.append((f.__name__.replace("_", " "), reason, f))
        return f
    return add


class Case:
    """The pieces of one reply: a sum, somebody, something."""

    def __init__(self, rng):
        self.rng = rng
        self.a, self.b = rng.randint(3, 60), rng.randint(3, 60)
        self.sum = self.a + self.b
        self.other = self.sum + rng.choice([-3, -2, 1, 2, 5, 10])
        self.name, self.thing = rng.choice(NAMES), rng.choice(THINGS)
        self.letter = rng.choice("ABCDEFGH")

    def pick(self, *options):
        return self.rng.choice(options)

    def work(self):
        return self.pick(
            f"{self.name} has {self.a} {self.thing} and gets {self.b} more.\n",
            f"First we add: {self.a} + {self.b}.\n",
            f"**Step 1:** There are {self.a} {self.thing}.\n**Step 2:** Add {self.b}.\n",
            f"We compute\n\\[ {self.a} + {self.b} \\]\n")

    def stated(self, value):
        """A statement that every reader of answers takes."""
        return self.pick(f"#### {value}", f"The answer is {value}.", f"\\boxed{{{value}}}",
                         f"**Answer:** {value}", f"So the final answer is $\\boxed{{{value}}}$.",
                         f"<answer>{value}</answer>")


@kind("the model goes on with the next question of a list; its answer is that of the first")
def next_question(c):
    label = c.pick("Question:", "Q:", "**Question:**", "Problem:", "### Question\n", "Question 2:",
                   "Next question:", "Exercise 3:", "## Problem 2\n", "Human:", "User:")
    asked = f"{label} {c.pick(*NAMES)} has {c.other} {c.thing}. How many?"
    then = c.pick("\nAnswer: ", "\n#### ", "\nAssistant: The answer is ", "\n\\boxed{")
    close = "}" if "boxed" in then else ""
    return c.work() + c.stated(c.sum) + c.pick("\n\n", "\n") + asked + then + str(c.other) + close, \
        str(c.sum)


@kind("the server hands over the marks of the next turn and what stands behind them")
def next_turn(c):
    mark, back = c.pick(
        ("<|im_end|>\n<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"),
        ("<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"),
        ("<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
         "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"),
        ("<end_of_turn>\n<start_of_turn>user\n", "<end_of_turn>\n<start_of_turn>model\n"),
        ("</s>\n[INST] ", " [/INST] "), ("<|endoftext|>\n", "\n"), ("<|user|>\n", "<|assistant|>\n"))
    return c.work() + c.stated(c.sum) + mark + f"And with one more?" + back + c.stated(c.other), \
        str(c.sum)


@kind("the question is asked again before it is answered: that is no other question")
def own_question(c):
    label = c.pick("Question:", "**Problem:**", "Q:", "## Question\n", "Problem:")
    return f"{label} how many {c.thing} has {c.name}?\n\n{c.work()}{c.stated(c.sum)}", str(c.sum)


@kind("the reply says the same until its limit, which cuts the last time short")
def loop(c):
    line = c.pick(f"The answer is {c.sum}.\n", f"So the final answer is {c.sum}.\n\n",
                  f"Let me check that again. The answer is {c.sum}. ",
                  f"Therefore {c.name} has {c.thing}.\nThe answer is {c.sum}.\n")
    times = c.rng.randint(3, 30)
    cut = len(line) - c.rng.randint(2, len(line) - 1)
    start = line.find(str(c.sum)) + 1
    if start <= cut < start + len(str(c.sum)):
        cut = start
    return c.work() + line * times + line[:cut], str(c.sum)


@kind("what announces a final answer later corrects an earlier box")
def later_final(c):
    final = c.pick(f"Final answer: {c.sum}", f"The final answer is {c.sum}.", f"#### {c.sum}",
                   f"**Answer: {c.sum}**", f"<answer>{c.sum}</answer>", f"Answer: {c.sum}",
                   f"So the correct answer is {c.sum}.")
    return f"{c.work()}\\boxed{{{c.other}}}\n\n{c.pick('Wait, that is wrong. ', 'Check: no. ', '')}" \
        f"\n{final}", str(c.sum)


@kind("an option is the answer, and a box holds the value it stands for")
def option_after_box(c):
    return f"Explanation: the value is \\boxed{{x = {c.sum}}}.\n" \
        f"{c.pick('Answer', 'Final answer')}: {c.letter}\n{c.pick('', 'Confidence: 90%')}", c.letter


@kind("claims about the answer hold boxes of their own")
def claims_behind(c):
    head = c.pick("Claims:", "**Claims:**", "### Claims\n", "**Claims**:", "Claims:\n",
                  "These are the statements that my answer depends on most:",
                  "### Statements that the answer depends on:",
                  "The 3 claims that the answer depends on are:", "**Claims about the answer**",
                  "This answer relies on the following facts:")
    bullet = c.pick(lambda i: "- ", lambda i: f"{i}. ", lambda i: "* ", lambda i: f"{i}) ",
                    lambda i: f"{i}. **Claim:** ", lambda i: f"Claim {i}: ", lambda i: "\\item ")
    claims = "\n".join(f"{bullet(i + 1)}{c.name} has \\(\\boxed{{{v}}}\\) {c.thing}."
                       for i, v in enumerate([c.a, c.b, c.other]))
    return f"{c.work()}{c.stated(c.sum)}\n\n{head}\n{claims}{c.pick('', chr(10))}", str(c.sum)


@kind("claims may also stand before the answer")
def claims_before(c):
    claims = "\n".join(f"- {c.name} has \\boxed{{{v}}} {c.thing}." for v in (c.a, c.b))
    return f"{c.work()}Claims:\n{claims}\n\n{c.stated(c.sum)}", str(c.sum)


@kind("words that only round off a value are none of it")
def tails(c):
    tail = c.pick(", in total", " in total", ", altogether", " altogether", ", in all", ", overall",
                  ", for the whole week", ", after all of that", ", as required")
    said = c.pick("The answer is {}.", "Answer: {}", "#### {}", "The final answer is {}.",
                  "**Final answer:** {}", "Final Answer: {}.")
    return c.work() + said.format(str(c.sum) + tail), str(c.sum)


@kind("the last sentence says it in prose")
def last_sentence(c):
    return c.work() + c.pick(
        f"So {c.name} sold {c.sum} {c.thing} altogether in April and May.",
        f"Therefore, {c.name} now has {c.sum} of them.",
        f"Thus, there were {c.sum} {c.thing} in the box.",
        f"In total, {c.name} bought {c.sum} {c.thing} for the party.",
        f"Hence {c.name} finds **{c.sum}** in the end.",
        f"The number of {c.thing} in the box is **{c.sum}**."), str(c.sum)


@kind("the last line is nothing but the value")
def last_line(c):
    line = c.pick("{}", "**{}**", "${}$", "\\[{}\\]", "\\({}\\)", "{}.", "= {}", "Total: {}",
                  "**Result:** {}")
    return c.work() + c.pick("", "\n") + line.format(c.sum), str(c.sum)


@kind("the last equation ends in the value")
def last_equation(c):
    return c.work() + c.pick(
        f"{c.a} (old) + {c.b} (new) = **{c.sum}**", f"{c.name}'s total is:\n\n{c.a} + {c.b} = {c.sum}",
        f"${c.a} + {c.b} = {c.sum}$", f"{c.a} + {c.b} = **{c.sum}**."), str(c.sum)


@kind("an option is picked in prose")
def pick(c):
    return c.work() + c.pick(
        f"I would pick {c.letter} \u2014 a safe choice.", f"I'd go with {c.letter}.",
        f"So I choose **{c.letter}**.", f"My choice is {c.letter}.",
        f"I would select option {c.letter}, since it fits.",
        f"Therefore the best option is {c.letter}."), c.letter


@kind("a closing mark that closes nothing hides nothing that was said")
def stray_mark(c):
    return c.pick(
        f"<think>reason {c.other}</think>{c.stated(c.sum)}</think>done",
        f"<think>\nso {c.other}\n</think>\n{c.stated(c.sum)}\n</think>\n",
        f"{c.work()}{c.stated(c.sum)}</think>",
        f"it may be {c.other}</think>{c.stated(c.sum)}"), str(c.sum)


@kind("channels that lost their marks, and channels with all of them")
def channels(c):
    return c.pick(
        f"analysisUser asks for a sum. {c.other}? no.assistantfinal{c.stated(c.sum)}",
        f"analysisWe add. \\boxed{{{c.other}}}assistantfinalThe total is **{c.sum}**.",
        f"<|channel|>analysis<|message|>{c.stated(c.other)}<|channel|>final<|message|>"
        f"{c.stated(c.sum)}",
        f"<|channel|>analysis<|message|>{c.stated(c.other)}<|end|><|start|>assistant<|channel|>"
        f"final<|message|>{c.stated(c.sum)}<|return|>"), str(c.sum)


@kind("tags of other prompts; the last one counts")
def tags(c):
    tag = c.pick("FINAL_ANSWER", "final_answer", "answer", "Final-Answer", "FinalAnswer")
    return f"{c.work()}<{tag}>{c.other}</{tag}> on second thoughts\n<{tag}>{c.sum}</{tag}>", \
        str(c.sum)


@kind("other commands draw a frame, too")
def frames(c):
    box = c.pick("\\framebox{{{}}}", "\\bbox[yellow]{{{}}}", "\\bbox[border: 1px solid]{{{}}}",
                 "\\fbox{{{}}}", "\\framebox[2cm][c]{{{}}}", "\\ovalbox{{{}}}")
    return f"{c.work()}So it is ${box.format(c.sum)}${c.pick('', '.', ' in all.')}", str(c.sum)


ANNOUNCED = {
    "Korean": ["따라서 정답은 {}입니다.", "정답: {}", "답은 {}입니다.", "최종 답변: {}", "답: {}",
               "**정답:** {}"],
    "Indonesian": ["Jawaban: {}", "Jadi, jawabannya adalah {}.", "Jawaban akhir: {}",
                   "Jawaban yang benar adalah {}."],
    "Vietnamese": ["Đáp án: {}", "Vậy đáp án là {}.", "Đáp án đúng là {}.", "Câu trả lời là {}."],
    "Polish": ["Odpowiedź: {}", "Odpowiedź to {}.", "Poprawna odpowiedź to {}.",
               "Ostateczna odpowiedź: **{}**"],
    "Turkish": ["Cevap: {}", "Doğru cevap {}'dir.", "Yanıt: {}", "Cevap {}’tir."],
    "Dutch": ["Antwoord: {}", "Het antwoord is {}.", "Het juiste antwoord is {}.",
              "Het eindantwoord is **{}**."],
    "Arabic": ["الجواب: {}", "الإجابة هي {}.", "الإجابة الصحيحة هي {}", "الجواب النهائي هو {}."],
    "German": ["Antwort: {}", "Die Antwort lautet {}.", "Die richtige Antwort ist {}."],
    "French": ["La bonne réponse est {}.", "Réponse : {}", "La réponse finale est {}."],
    "Spanish": ["La respuesta correcta es {}.", "Respuesta: {}", "La respuesta final es **{}**."],
    "Italian": ["La risposta è {}.", "Risposta: {}", "La risposta corretta è {}."],
    "Portuguese": ["A resposta é {}.", "Resposta: {}", "A resposta correta é {}."],
    "Russian": ["Ответ: {}", "Правильный ответ: {}.", "**Ответ:** {}"],
    "Chinese": ["答案是{}。", "正确答案是{}。", "最终答案：{}", "所以答案为 {}。"],
    "Japanese": ["答えは{}です。", "答え: {}"],
}


@kind("languages announce in their own words")
def languages(c):
    said = c.pick(*ANNOUNCED[c.pick(*ANNOUNCED)])
    value = c.pick(str(c.sum), c.letter)
    return f"{c.a} + {c.b}\n{said.format(value)}", value


@kind("filling words behind the colon are none of the answer")
def fillers(c):
    value = c.pick(str(c.sum), c.letter)
    return c.work() + c.pick(f"Answer: is {value}", f"Answer: option {value}",
                             f"**Answer:** Option {value}", f"Final answer: is {value}."), value


@kind("tags in square brackets, and tags that were never closed")
def tags(c):
    word = c.pick("ANSWER", "answer", "Answer", "FINAL_ANSWER", "FINAL ANSWER")
    value = c.pick(str(c.sum), c.letter)
    space = c.pick("", " ", "\n")
    angle = word.replace(" ", "_")
    return c.work() + c.pick(f"[{word}]{space}{value}{space}[/{word}]", f"[{word}]{space}{value}",
                             f"So: [{word}]{value}[/{word}] Bye.", f"<{angle}>{space}{value}",
                             f"[{word}]{value}[/{word}]\n\nThat was {c.other} less."), value


@kind("nothing stands between the word and a bare value, which ends the line")
def bare(c):
    unit = c.pick("", "", f" {c.thing}")
    said = c.pick("ANSWER {}", "So it is done. ANSWER {}", "Answer {}", "**Answer** {}", "Final answer {}",
                  "\u3010\u7b54\u6848\u3011{}", "\u3010\u7b54\u6848\u3011 {}", "\u3010\u6700\u7ec8\u7b54\u6848\u3011{}")
    return c.work() + said.format(f"{c.sum}{unit}"), f"{c.sum}{unit}"


@kind("a dash or an arrow before the answer is no minus")
def dashes(c):
    dash = c.pick(" - ", " \u2013 ", " \u2014 ")
    return c.work() + c.pick(f"Answer{dash}{c.sum}", f"**Answer**{dash}{c.sum}",
                             f"**Final answer**{dash}{c.sum}.", f"=> {c.sum}", f"\u2192 {c.sum}",
                             f"\u2234 {c.sum}"), str(c.sum)


@kind("two stars before a bracket are a power, and at the end of a bold part are not")
def powers(c):
    n = c.rng.randint(2, 9)
    power = c.pick(f"x**({n}/3)", f"(x + {n})**(n - 1)", f"{n}**(n + 1)", f"2*x**-{n}")
    if c.rng.random() < 0.3:
        return c.work() + f"The answer is **{c.sum}** {c.thing}.", f"{c.sum} {c.thing}"
    return c.work() + c.pick(f"<answer>{power}</answer>", f"Answer: {power}",
                             f"\\boxed{{{power}}}"), power


@kind("a date is written once more as it was asked for")
def written(c):
    date = f"{c.rng.randint(1, 12):02}/{c.rng.randint(1, 28):02}/20{c.rng.randint(10, 29)}"
    return c.work() + c.pick(
        f"The date was May 1, which can be written as {date}.",
        f"The date 10 days ago is May 1, 2020, which is written in MM/DD/YYYY format as {date}.",
        f"Yesterday's date is {date}.", f"So the answer in MM/DD/YYYY format is {date}."), date


@kind("the line of the answer only announces its steps; the last sentence states it")
def steps_behind(c):
    return f"The answer is: {c.pick('Let us calculate step by step', 'We first count all')}:\n" \
        f"1. {c.a} + {c.b} = {c.sum}\nTherefore, {c.name} has {c.sum} {c.thing}.", f"{c.sum} {c.thing}"


@kind("what stands around a box in its formula belongs to its value")
def around(c):
    n, m = c.rng.randint(2, 9), c.sum
    box = f"\\boxed{{{m}}}"
    return c.pick(*[(c.work() + lead + open_ + made.format(box=box) + close + end, value)
        for lead, open_, close, end in [("So it is ", "$", "$", "."), ("The answer is ", "\\(", "\\)", ""),
                                         ("Thus ", "\\[ x = ", " \\]", "")]
        for made, value in [
            (f"{n}\\cdot{{box}}", f"{n}\\cdot {m}"), (f"{{box}}\\pi", f"{m}\\pi"),
            (f"{n} + {{box}}", f"{n} + {m}"), (f"{{box}} - {n}", f"{m} - {n}"),
            (f"\\frac{{{{{{box}}}}}}{{{{{n}}}}}", f"\\frac{{{m}}}{{{n}}}"), (f"\\sqrt{{{{{{box}}}}}}", f"\\sqrt{{{m}}}"),
            (f"\\pm{{box}}", f"\\pm {m}"), (f"-{{box}}", f"-{m}"), (f"{{box}}^{n}", f"{m}^{n}"),
            (f"{{box}}\\%", f"{m}\\%"), (f"{{box}} \\times 10^{n}", f"{m} \\times 10^{n}"),
            (f"({{box}})^{n}", f"({m})^{n}"), (f"{n}^{{{{{{box}}}}}}", f"{n}^{{{m}}}"),
            (f"{n}\u00d7{{box}}", f"{n}\u00d7{m}"), (f"\u2212{{box}}", f"\u2212{m}"), (f"{{box}}\u03c0", f"{m}\u03c0"),
            (f"{{box}}!", f"{m}!"), (f"1/{{box}}", f"1/{m}"), (f"{{box}}x", f"{m}x")]],
        (c.work() + f"It is {box} million {c.thing}.", f"{m} million"),
        (c.work() + f"It is ${box}$ million.", f"{m} million"), (c.work() + f"It is ${box}$% of them.", f"{m}%"),
        (c.work() + f"It is {box}% of them.", f"{m}%"))


@kind("what stands around a box and does not change its value is none of it")
def around_nothing(c):
    n, box = c.rng.randint(2, 9), f"\\boxed{{{c.sum}}}"
    return c.work() + c.pick(
        f"So ${n} + {c.sum - n} = {box}$.", f"${n} \\cdot {box} = {n * c.sum}$ fills the blank.",
        f"$x \\equiv {box} \\pmod{{{c.sum + n}}}$", f"The angle is ${box}^\\circ$.",
        f"In step {n} ${box}$ was found.", f"Answer {n}: {box}", f"She has {box} {c.thing}!",
        f"$x \\le {box}$, and equality holds.", f"${box}\\text{{ cm}}$", f"**{box}**",
        f"\\[ f({n}) = {box}. \\]", f"$\\mathbf{{{box}}}$", f"The total - {box}",
        f"${box} \\quad \\blacksquare$", f"So {box}. The form \\boxed{{...}} was asked for."), str(c.sum)


@kind("each labelled part of a problem has its box, and all of them are the answer")
def labelled_parts(c):
    label = c.pick("({}) ", "{}) ", "**({})** ", "**Part {}:** ", "Part ({}): ")
    between = c.pick("\n", "\n\n", f"\n\nNow the rest. {c.work()}\n")
    return f"{label.format('a')}${c.a} + {c.b} =$ \\boxed{{{c.sum}}}{between}" \
        f"{label.format('b')}So it is $\\boxed{{{c.other}}}$.", f"{c.sum}, {c.other}"


@kind("a box that is a piece of a number is no answer")
def pieces(c):
    n, box = c.rng.randint(1, 9), f"\\boxed{{{c.sum}}}"
    return c.work() + c.pick(f"It is {n}{box}.", f"It is {box}{n}.", f"{box}\\boxed{{{n}}}", f"It is {box}.{n} now",
                             f"${n}{box}$", f"It is {box},000."), ""


@kind("a statement that is denied right before or behind it is none")
def denied(c):
    wrong, right = c.pick(f"\\boxed{{{c.other}}}", f"$\\boxed{{{c.other}}}$"), c.stated(c.sum)
    deny = c.pick("It is not {}.", "It isn't {}.", "It cannot be {}.", "{} is wrong.", "{} would be wrong.",
                  "{} is not the answer.", "{} isn't right.", "I don't think it is {}.", "Never {}.",
                  "A common mistake is to answer {}.", "The wrong answer would be {}.", "Is it {}? No.",
                  "One might think the answer is {}, but that is wrong.", "~~{}~~", "My first guess was {}.",
                  "If it were {}, nothing would fit.", "{} (incorrect)", "Some say {}.",
                  "Es ist nicht {}.", "Ce n'est pas {}.", "No es {}.", "Non \u00e8 {}.", "N\u00e3o \u00e9 {}.", "Het is niet {}.",
                  "To nie jest {}.", "{} de\u011fil.", "\u042d\u0442\u043e \u043d\u0435 {}.", "\u4e0d\u662f{}\u3002", "{}\u3067\u306f\u3042\u308a\u307e\u305b\u3093\u3002",
                  "{}\uac00 \uc544\ub2d9\ub2c8\ub2e4.", "Bukan {}.", "Kh\u00f4ng ph\u1ea3i l\u00e0 {}.", "\u0644\u064a\u0633 {}.").format(wrong)
    if c.rng.random() < 0.3:
        return c.work() + deny, ""
    return c.work() + c.pick(f"{right}\n\n{deny}", f"{deny}\n{right}"), str(c.sum)


@kind("a clause that names what the answer is not is none of it")
def contrasts(c):
    return c.work() + c.pick(
        "The answer is {}, not {}.", "The answer is {} rather than {}.", "The answer is {} instead of {}.",
        "The answer is {} and not {}.", "The answer is \\boxed{{{}}}, not \\boxed{{{}}}.",
        "\\boxed{{{}}} rather than \\boxed{{{}}}", "Die Antwort ist {}, nicht {}.", "La r\u00e9ponse est {}, pas {}.",
        "La respuesta es {}, no {}.", "La risposta \u00e8 {}, non {}.", "A resposta \u00e9 {}, n\u00e3o {}.",
        "Het antwoord is {}, niet {}.", "Odpowied\u017a to {}, a nie {}.", "\u041e\u0442\u0432\u0435\u0442: {}, \u0430 \u043d\u0435 {}.",
        "\u7b54\u6848\u662f{}\uff0c\u4e0d\u662f{}\u3002", "\u7b54\u6848\u662f{}\u800c\u4e0d\u662f{}\u3002", "Jawabannya adalah {}, bukan {}.",
        "\u0110\u00e1p \u00e1n l\u00e0 {}, kh\u00f4ng ph\u1ea3i {}.").format(c.sum, c.other), str(c.sum)


@kind("a denial of something else leaves the statement alone")
def not_denied(c):
    box = f"\\boxed{{{c.sum}}}"
    return c.work() + c.pick(
        f"It is not {c.other}, so it is {box}.", f"The number that cannot be written is {box}.",
        f"The number of {c.thing} that were not eaten is {box}.", f"Since {c.other} is wrong, {box}.",
        f"There are {box} wrong answers.", f"He did not eat {box} {c.thing}.", f"No more than {box} fit.",
        f"{box} is not a multiple of {c.sum + 1}.", f"{box}\n\nThe other options are wrong.",
        f"I am not sure, but I think {box}.", f"The answer is not {c.other} but {box}.",
        f"If {c.name} has no more, we get {box}.", f"{box}\n\nIs that right? Yes, it is.",
        f"Without loss of generality, {box}."), str(c.sum)


@kind("the next sentence takes a statement back")
def taken_back(c):
    said = c.pick(f"\\boxed{{{c.other}}}", f"So it is \\boxed{{{c.other}}}.", f"The answer is {c.other}.")
    back = c.pick("Wait, that is incorrect.", "Wait, that's wrong.", "No, that is not right.", "Scratch that.",
                  "Hmm, that can't be right.", "Oh, I made a mistake.", "Actually, this is wrong.", "That is wrong.",
                  "Sorry, I miscalculated.")
    end = c.pick("", f"\n{c.stated(c.sum)}", f"\n\nSo \\boxed{{{c.sum}}}.")
    return c.work() + said + c.pick(" ", "\n", "\n\n") + back + end, str(c.sum) if end else ""


@kind("a check, an example or code holds boxes of its own; the answer was stated before")
def asides(c):
    value, double = f"\\boxed{{{c.other}}}", f"{c.sum} + {c.other - c.sum} = "
    aside = c.pick(f"Check: ${double}{value}$.", f"Verification: $f({c.sum}) = {value}$.", f"**Verification:**\n${double}{value}$",
                   f"For example, with one more we get {value}.", f"### Check\n\nWe put it in: ${double}{value}$.",
                   f"Let's verify: ${double}{value}$", f"Note: with the others it would be {value}.",
                   f"Sanity check: {value} is near.", f"```python\nprint('{value}')\n```",
                   f"To verify, ${double}{value}$.", f"Example: {value}")
    return c.work() + c.stated(c.sum) + "\n\n" + aside, str(c.sum)


@kind("a plan, a denial or a step ends the reply: there is no answer")
def none(c):
    return c.work() + c.pick(
        f"So we need to divide the number of {c.thing} by {c.other}.",
        f"The answer cannot be known without the {c.other} others.",
        f"total_{c.thing} = all_{c.thing} * {c.other}", f"1. Take {c.other} {c.thing}",
        f"Is it {c.other}?", f"\\[ {c.a} + {c.b} = {c.other} + "), ""


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--votes", action="store_true")
    p.add_argument("--seed", type=int, default=13)
    p.add_argument("--count", type=int, default=12)
    o = p.parse_args()
    if not o.votes:
        print("# kind, answer (nothing: none), text; a line's end is written \u23ce. "
              "Made by make_answers.py")
    for name, reason, make in KINDS:
        rng = random.Random(f"{o.seed} {name}")
        rows = list(dict.fromkeys(make(Case(rng)) for _ in range(o.count)))
        if o.votes:
            for i in range(0, len(rows), 20):
                print(json.dumps({"id": f"{name} {i}", "problem": "How many?", "gold": "1", "samples": [
                    {"text": t, "answer": a} for t, a in rows[i:i + 20]]}))
            continue
        print(f"# {name}: {reason}")
        for text, answer in rows:
            assert "\t" not in text
            print(f"{name}\t{answer}\t" + text.replace("\n", "\u23ce"))


if __name__ == "__main__":
    main()
