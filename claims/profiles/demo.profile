# The demo model was trained on exactly these words; changing one changes what it answers.
name: demo
models: clr-tiny
claims: lines
verify: each
verify-temperature: 0
verify-max-tokens: 24
verdict: word
valid: yes
refuted: no

[sample user]
{problem}

[each user]
{problem}
Claim: {claim}
Right?
