/*
 * The guest's half of the recorder: /init of the initramfs. It answers line commands on ttyS1, or the line that `agent_tty=`
 * of the kernel's command line names.
 *
 *	request   <command> <hex argument>...
 *	answer    any number of lines "+ ...", then one line "= ..."
 *
 * Texts travel as hex, "-" being the empty one; errnos by name, 0 for none. See src/qemu/agent-protocol.ts.
 *
 *	gcc -static -O2 -Wall -o agent agent.c
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define LONGEST_LINE (256 * 1024)
#define LONGEST_FILE (8 * 1024 * 1024)
/* How long a file may take to answer, and a write that has no time of its own. */
#define FILE_PATIENCE_MS (10 * 1000)
#define WRITE_PATIENCE_MS (100 * 1000)

static FILE *channel;
static int uevents, kmsg;
static char line[LONGEST_LINE], data[LONGEST_FILE];

static const char *errno_name(int error)
{
	static char number[16];
	const char *name = error == 0 ? "0" : strerrorname_np(error);

	if (name)
		return name;
	snprintf(number, sizeof(number), "%d", error);
	return number;
}

static void put_hex(const char *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";

	if (length == 0)
		putc('-', channel);
	for (size_t i = 0; i < length; i++) {
		putc(digits[(unsigned char)bytes[i] >> 4], channel);
		putc(digits[bytes[i] & 15], channel);
	}
}

/* Decodes in place; the result ends with a NUL that is not counted. */
static size_t from_hex(char *text)
{
	size_t length = 0;

	if (strcmp(text, "-") != 0)
		for (char *at = text; at[0] && at[1]; at += 2, length++) {
			char pair[3] = { at[0], at[1], 0 };
			text[length] = strtol(pair, NULL, 16);
		}
	text[length] = 0;
	return length;
}

static ssize_t slurp(const char *path)
{
	ssize_t total = 0, got;
	int fd = open(path, O_RDONLY | O_NONBLOCK);

	if (fd < 0)
		return -1;
	while ((got = read(fd, data + total, sizeof(data) - total)) > 0)
		total += got;
	if (got < 0)
		total = -1;
	int error = errno;
	close(fd);
	errno = error;
	return total;
}

/* errno, mode in octal, contents. */
static void do_read(const char *path)
{
	struct stat st;
	unsigned mode = stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
	ssize_t length = slurp(path);

	fprintf(channel, "= %s %o ", length < 0 ? errno_name(errno) : "0", mode);
	put_hex(data, length < 0 ? 0 : length);
	putc('\n', channel);
}

static void on_alarm(int signal)
{
	(void)signal;
}

struct written {
	const char *open_error;
	ssize_t ret;
	int error, was_signalled;
};

static struct written write_once(const char *path, const char *bytes, size_t length, long timeout_ms)
{
	struct itimerval timer = { .it_value = { timeout_ms / 1000, timeout_ms % 1000 * 1000 } };
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return (struct written){ errno_name(errno), 0, 0, 0 };
	setitimer(ITIMER_REAL, &timer, NULL);
	ssize_t ret = write(fd, bytes, length);
	int error = ret < 0 ? errno : 0;
	close(fd);
	return (struct written){ "0", ret, error, timeout_ms > 0 && error == EINTR };
}

/* errno of open, return value of write, errno of write, and whether a signal came after `timeout_ms`. */
static void do_write(const char *path, const char *bytes, size_t length, long timeout_ms)
{
	struct written seen = write_once(path, bytes, length, timeout_ms);

	fprintf(channel, "= %s %zd %s %d\n", seen.open_error, seen.ret, errno_name(seen.error), seen.was_signalled);
}

/* Runs a shell's command with its output in a file. Returns its pid, which is also its group. */
static pid_t spawn(const char *command, const char *output)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	setsid();
	dup2(fd, 1);
	dup2(fd, 2);
	close(fd);
	execl("/bin/busybox", "sh", "-c", command, NULL);
	_exit(127);
}

/* Waits up to `timeout_ms` for a program; 0 if it has not ended. */
static pid_t wait_for(pid_t pid, int *status, long timeout_ms)
{
	pid_t ended;

	for (long waited = 0; (ended = waitpid(pid, status, WNOHANG)) == 0 && waited < timeout_ms; waited += 10)
		usleep(10 * 1000);
	return ended;
}

/* Exit code, whether the time was over, the output's file. */
static void do_run(const char *command, const char *output, long timeout_ms)
{
	int status = 0;
	pid_t pid = spawn(command, output);
	int is_late = wait_for(pid, &status, timeout_ms) == 0;

	if (is_late)
		kill(-pid, SIGKILL);
	fprintf(channel, "= %d %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), is_late);
}

/* errno. What a program held is free when this answers, unless the kernel does not let it go. */
static void do_kill(pid_t pid)
{
	int status;
	int error = kill(-pid, SIGKILL) < 0 ? errno : 0;

	if (!error)
		wait_for(pid, &status, 3000);
	fprintf(channel, "= %s\n", errno_name(error));
}

/* What a scan has told already, and the entry after that, which did not answer; -1 where all did. */
struct told {
	long entries, silent;
};

/*
 * One line per entry: its kind, mode and path; of a link the target, of a file the errno and the contents. Returns the
 * number of entries seen, those told already included.
 */
static long scan(const char *dir, long depth, long seen, const struct told *told)
{
	DIR *open_dir = opendir(dir);
	struct dirent *entry;
	char path[4096];
	struct stat st;

	while (open_dir && (entry = readdir(open_dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (lstat(path, &st) < 0)
			continue;
		unsigned mode = st.st_mode & 07777;
		if (seen >= told->entries) {
			char target[4096];
			ssize_t length = 0;
			int is_file = !S_ISLNK(st.st_mode) && !S_ISDIR(st.st_mode);

			/* Root may open what nobody can read. */
			if (is_file && seen == told->silent)
				length = (errno = ETIMEDOUT, -1);
			else if (is_file)
				length = mode & 0444 ? slurp(path) : (errno = EACCES, -1);
			int error = length < 0 ? errno : 0;
			fprintf(channel, "+ %c %o ", S_ISLNK(st.st_mode) ? 'l' : is_file ? 'f' : 'd', mode);
			put_hex(path, strlen(path));
			if (is_file) {
				fprintf(channel, " %s ", errno_name(error));
				put_hex(data, error ? 0 : length);
			} else if (S_ISLNK(st.st_mode)) {
				length = readlink(path, target, sizeof(target));
				putc(' ', channel);
				put_hex(target, length < 0 ? 0 : length);
			}
			putc('\n', channel);
			fflush(channel);
		}
		seen++;
		if (S_ISDIR(st.st_mode) && depth > 1)
			seen = scan(path, depth - 1, seen, told);
	}
	if (open_dir)
		closedir(open_dir);
	return seen;
}

static void drain(int fd)
{
	ssize_t length;

	/* EPIPE of /dev/kmsg: records were overwritten; the next read goes on behind them. */
	while ((length = read(fd, data, sizeof(data))) > 0 || (length < 0 && errno == EPIPE)) {
		if (length < 0)
			continue;
		fputs("+ ", channel);
		put_hex(data, length);
		putc('\n', channel);
	}
}

static void do_insmod(const char *path, const char *arguments)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	long failed = fd < 0 ? -1 : syscall(SYS_finit_module, fd, arguments, 0);

	fprintf(channel, "= %s\n", failed ? errno_name(errno) : "0");
	if (fd >= 0)
		close(fd);
}

struct request {
	int count;
	char **word;
	size_t *length;
};

/* Requests that touch files of the kernel. Returns 0 for others. */
static int touch_files(const struct request *request, const struct told *told)
{
	int count = request->count;
	char **word = request->word;

	if (!strcmp(word[0], "read") && count == 2)
		do_read(word[1]);
	else if (!strcmp(word[0], "write") && count == 4)
		do_write(word[1], word[2], request->length[2], atol(word[3]));
	else if (!strcmp(word[0], "insmod") && count == 3)
		do_insmod(word[1], word[2]);
	else if (!strcmp(word[0], "scan") && count == 3) {
		scan(word[1], atol(word[2]), 0, told);
		fputs("= 0\n", channel);
	} else
		return 0;
	return 1;
}

/* How long a request may be silent. Who waits for the hotplug lock starts again after a signal that does not kill. */
static long patience_ms(const struct request *request)
{
	if (strcmp(request->word[0], "write") != 0)
		return strcmp(request->word[0], "insmod") ? FILE_PATIENCE_MS : WRITE_PATIENCE_MS;
	long timeout_ms = request->count == 4 ? atol(request->word[3]) : 0;
	return timeout_ms > 0 ? timeout_ms + 2000 : WRITE_PATIENCE_MS;
}

/* Passes on what a child says. Returns the lines that it completed; `is_late` if it then fell silent. */
static long relay(int from, long patience, int *is_late)
{
	static char bytes[64 * 1024];
	struct pollfd told = { .fd = from, .events = POLLIN };
	long lines = 0;
	ssize_t got = 1;

	while (!(*is_late = poll(&told, 1, patience) != 1) && (got = read(from, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 0; i < got; i++)
			lines += bytes[i] == '\n';
		fwrite(bytes, 1, got, channel);
	}
	return lines;
}

/*
 * Touches files in a child: while memory goes offline, its files may not answer until that has ended, which may be never.
 * Then the child is left behind, ETIMEDOUT stands for the file, and a scan goes on behind it.
 */
static void touch_files_patiently(const struct request *request)
{
	struct told told = { 0, -1 };
	int is_late = 1;

	while (is_late) {
		int ends[2];

		fflush(channel);
		pid_t child = pipe2(ends, O_CLOEXEC) < 0 ? -1 : fork();
		if (child < 0) {
			/* No memory for another: without patience then. */
			touch_files(request, &told);
			return;
		}
		if (child == 0) {
			channel = fdopen(ends[1], "w");
			touch_files(request, &told);
			fflush(channel);
			_exit(0);
		}
		close(ends[1]);
		told.entries += relay(ends[0], patience_ms(request), &is_late);
		told.silent = told.entries;
		close(ends[0]);
		kill(child, SIGKILL);
		if (is_late && strcmp(request->word[0], "scan") != 0)
			break;
	}
	if (!is_late)
		return;
	if (!strcmp(request->word[0], "write"))
		fputs("= 0 0 0 1\n", channel);
	else
		fputs(!strcmp(request->word[0], "read") ? "= ETIMEDOUT 0 -\n" : "= ETIMEDOUT\n", channel);
}

static int is_one_of(const char *word, const char *const *words)
{
	while (*words && strcmp(word, *words) != 0)
		words++;
	return *words != NULL;
}

static void answer(int count, char **word, size_t *length)
{
	static const char *const of_files[] = { "read", "write", "scan", "insmod", NULL };
	struct request request = { count, word, length };
	const char *command = word[0];

	/* Init's other duty. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (is_one_of(command, of_files))
		touch_files_patiently(&request);
	else if (!strcmp(command, "uevents")) {
		drain(uevents);
		fputs("= 0\n", channel);
	} else if (!strcmp(command, "log")) {
		drain(kmsg);
		fputs("= 0\n", channel);
	} else if (!strcmp(command, "run") && count == 4)
		do_run(word[1], word[2], atol(word[3]));
	else if (!strcmp(command, "start") && count == 3)
		fprintf(channel, "= %d\n", spawn(word[1], word[2]));
	else if (!strcmp(command, "kill") && count == 2)
		do_kill(atoi(word[1]));
	else
		fputs("= ENOSYS\n", channel);
	fflush(channel);
}

/* Names for what busybox can do, where the guest has one. */
static void install_shell(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/busybox", "busybox", "--install", "-s", "/bin", NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

/* The line to the recorder: the kernel hands words of its command line that it does not know to init. */
static int open_line(struct termios *raw)
{
	const char *tty = getenv("agent_tty") ? getenv("agent_tty") : "/dev/ttyS1";
	int fd = -1;

	/* Its driver may come after init. */
	for (int tries = 0; tries < 1000 && (fd = open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0; tries++)
		usleep(10 * 1000);
	if (fd < 0 || tcgetattr(fd, raw) < 0) {
		fprintf(stderr, "agent: %s: %s\n", tty, strerror(errno));
		return -1;
	}
	return fd;
}

int main(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	struct sigaction action = { .sa_handler = on_alarm };
	struct termios raw;
	int size = 16 << 20;

	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	sigaction(SIGALRM, &action, NULL); /* without SA_RESTART: the write returns */
	setenv("PATH", "/bin:/sbin", 1);
	install_shell();

	uevents = socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	setsockopt(uevents, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	bind(uevents, (struct sockaddr *)&address, sizeof(address));
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	int fd = open_line(&raw);
	if (fd < 0)
		return 1;
	cfmakeraw(&raw);
	tcsetattr(fd, TCSANOW, &raw);
	channel = fdopen(fd, "r+");
	FILE *requests = fdopen(fcntl(fd, F_DUPFD_CLOEXEC, 0), "r");
	fputs("ready\n", channel);
	fflush(channel);

	while (fgets(line, sizeof(line), requests)) {
		char *word[8];
		size_t length[8] = { 0 };
		int count = 0;

		for (char *at = strtok(line, " \n"); at && count < 8; at = strtok(NULL, " \n"))
			word[count++] = at;
		for (int i = 1; i < count; i++)
			length[i] = from_hex(word[i]);
		if (count > 0)
			answer(count, word, length);
	}
	return 0;
}
