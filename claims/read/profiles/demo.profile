# The demo model is trained on exactly these words; changing one changes what it answers.
name: demo
models: clr-tiny
claims: lines
verify: each
verify-temperature: 0
verify-max-tokens: 288
least-standing: 0.3
blind-temperature: 1
blind-value: line
verdict: word
valid: yes
refuted: no

[sample user]
{problem}

[joint user]
{problem}
Claims:
{claims}
Right?

[each user]
{problem}
Claim:
{claim}
Right?

[blind user]
{problem}
Blind:
{quantity}=?
