#!/bin/sh
# Every header compiles alone, as C and with the project's warnings. usage: headers.sh ROOT CC FLAGS...
root=$1 && shift
cd "$root" || exit 1
n=0
for header in $(git ls-files '*.h' 2>/dev/null || find . -name '*.h' -not -path './build*'); do
    n=$((n + 1))
    if printf '#include "%s"\n' "$header" | "$@" -I. -Ibase/include -Iproto/include -Iscaler/client/include -x c -fsyntax-only -; then
        echo "ok $n - $header"
    else
        echo "not ok $n - $header"
    fi
done
echo "1..$n"
