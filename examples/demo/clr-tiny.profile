# The model of this folder is trained on exactly these words; changing one changes what it answers.
name: clr-tiny
claims: lines
verify: each
verify-temperature: 0
verify-max-tokens: 256
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
