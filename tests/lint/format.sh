#!/bin/sh
# All C files are as clang-format leaves them. usage: format.sh ROOT
cd "$1" || exit 1
n=0
for file in $(git ls-files '*.c' '*.h' 2>/dev/null || find . -name '*.[ch]' -not -path './build*'); do
    n=$((n + 1))
    if clang-format --dry-run -Werror "$file" 2>/dev/null; then
        echo "ok $n - $file"
    else
        echo "not ok $n - $file (run clang-format -i on it)"
    fi
done
echo "1..$n"
