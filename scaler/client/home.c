#include "scaler/client/home.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Files only: nothing else is ever made in a home. */
static void remove_directory(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir)
        closedir(dir);
    rmdir(path);
}

static void template_in(const char *base, char path[HOME_PATH_MAX + 1])
{
    int n = snprintf(path, HOME_PATH_MAX + 1, "%s/surety-XXXXXX", base);
    if (base[0] != '/' || n < 0 || n > HOME_PATH_MAX)
        snprintf(path, HOME_PATH_MAX + 1, "/tmp/surety-XXXXXX");
}

/* The keeper: makes the directory, tells its path (or "" and errno), waits, removes it. */
static void keep(int tell_fd, int life_fd)
{
    char path[HOME_PATH_MAX + 1], byte;
    const char *base = getenv("TMPDIR");
    template_in(base && *base ? base : "/tmp", path);
    prctl(PR_SET_NAME, "keeper");
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < 3 && null >= 0; fd++)
        dup2(null, fd); /* whoever reads the program's output must see its end */
    if (!mkdtemp(path))
        snprintf(path, sizeof path, "!%s", strerror(errno));
    if (write(tell_fd, path, sizeof path) != sizeof path)
        path[0] = path[0] == '/' ? '/' : '!';
    close(tell_fd);
    while (read(life_fd, &byte, 1) < 0 && errno == EINTR)
        ;
    if (path[0] == '/')
        remove_directory(path);
    _exit(0);
}

/* Forks twice, so that the keeper is nobody's child and in a session of its own. */
static enum surety_err start_keeper(const int tell[2], const int life[2])
{
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        pid_t keeper = fork();
        if (keeper == 0) {
            close(tell[0]);
            close(life[1]);
            keep(tell[1], life[0]);
        }
        _exit(keeper < 0);
    }
    int status = -1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return pid > 0 && status == 0 ? SURETY_OK : SURETY_ERR_IO;
}

enum surety_err home_create(struct home *home, struct surety_error *err)
{
    int tell[2] = {-1, -1}, life[2] = {-1, -1};
    char path[HOME_PATH_MAX + 1];
    home->keeper_fd = -1;
    if (pipe2(tell, O_CLOEXEC) || pipe2(life, O_CLOEXEC) || start_keeper(tell, life)) {
        enum surety_err code = surety_fail(err, SURETY_ERR_IO,
                                           "the keeper of the private directory could not be "
                                           "started: %s",
                                           strerror(errno));
        for (int i = 0; i < 2; i++) {
            if (tell[i] >= 0)
                close(tell[i]);
            if (life[i] >= 0)
                close(life[i]);
        }
        return code;
    }
    close(tell[1]);
    close(life[0]);
    ssize_t n;
    while ((n = read(tell[0], path, sizeof path)) < 0 && errno == EINTR)
        ;
    close(tell[0]);
    if (n != sizeof path || path[0] != '/') {
        close(life[1]);
        return surety_fail(err, SURETY_ERR_IO,
                           "no private directory could be made in $TMPDIR or /tmp: %s",
                           n == sizeof path ? path + 1 : "the keeper died");
    }
    memcpy(home->path, path, sizeof path);
    home->keeper_fd = life[1];
    return SURETY_OK;
}

void home_remove(struct home *home)
{
    if (home->keeper_fd < 0 || !home->path[0])
        return;
    remove_directory(home->path);
    close(home->keeper_fd);
    home->keeper_fd = -1;
}
