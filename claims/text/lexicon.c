/*
 * Words that an answer may consist of. Rare ones that are likelier a product of variables ("ab",
 * "ma", "ax") are left out.
 */
#include "claims/text/lexicon.h"

#include <string.h>

static const char words[] =
    " ah am an as at be by do eh ex go ha he hi if in is it me my no of oh ok on or ox pi so to up"
    " us we"
    " ace act add age ago aid aim air ale all and ant any ape apt arc are ark arm art ash ask ate"
    " awe axe bad bag ban bar bat bay bed bee beg bet bid big bin bit bow box boy bud bug bun bus"
    " but buy bye cab can cap car cat cop cow cry cub cue cup cut dad dam day den dew did die dig"
    " dim dip dog dot dry due dug ear eat eel egg ego elf elm end era eve eye fan far fat fed fee"
    " few fig fin fir fit fix flu fly fog for fox fry fun fur gap gas gel gem get god got gum gun"
    " gut guy gym had ham has hat hay hen her hid him hip his hit hog hop hot how hub hug hut ice"
    " icy ill ink inn ion its ivy jam jar jaw jet job jog joy jug key kid kit lab lad lap law lay"
    " led leg let lid lie lip lit log lot low mad man map mat may men met mix mob mom mop mud mug"
    " nap net new nil nod non nor not now nun nut oak oar odd off oil old one opt orb ore our out"
    " owe owl own pad pan pat paw pay pea peg pen per pet pie pig pin pit pod pop pot pub put ram"
    " ran rat raw ray red rib rid rig rim rip rob rod rot row rub rug run rye sad sat saw say sea"
    " see set sew she shy sin sip sit six ski sky sly sob son sow spa spy sum sun tab tag tan tap"
    " tar tax tea ten the tie tin tip toe ton too top toy try tub tug two use van vet via vow wag"
    " war was wax way web wed wet who why wig win wit won yam yen yes yet you zip zoo ";

bool lexicon_has(const char *word, size_t len)
{
    char padded[6] = " ";
    if (len < 2 || len > 3)
        return false;
    memcpy(padded + 1, word, len);
    padded[len + 1] = ' ';
    padded[len + 2] = '\0';
    return strstr(words, padded) != NULL;
}
