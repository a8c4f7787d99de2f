"""Database servers that the tests start: as ordinary processes in a temporary folder, stopped by their own process ids."""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

import psycopg
import pymysql

from servers import free_port


def account(name):
    """The account that a server runs under when the tests run as root, which no database server will; None for the own one."""
    if os.getuid() != 0:
        return None
    return pwd.getpwnam(name)


def program(name, *folders):
    """A server's program, which is often not on the path."""
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/usr/local/sbin", *map(str, folders)]))
    assert found, f"{name} is not installed; run Tests/run, which installs it"
    return found


class Database:
    """A server of one make, with a database `pairs` that `reader` may read, and that is started and stopped at will."""

    def __init__(self, timeouts=None):
        self.timeouts = timeouts
        self.account = account(self.user)
        # Not below the test's own folder, which other accounts may not enter.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="saltmill-db-"))
        os.chmod(self.folder, 0o755)
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        if self.account:
            os.chown(self.data, self.account.pw_uid, self.account.pw_gid)
        self.log = self.folder / "log"
        self.log.touch()
        if self.account:
            os.chown(self.log, self.account.pw_uid, self.account.pw_gid)
        self.port = free_port()
        self.process = None
        # Whether its users and databases are made.
        self.is_furnished = False
        self.furnish()
        self.is_furnished = True

    def command(self, *parts):
        """Runs a program under the server's account."""
        done = subprocess.run([str(part) for part in parts], capture_output=True, text=True, cwd=self.data, timeout=120, **self.identity())
        assert done.returncode == 0, done.stdout + done.stderr

    def identity(self):
        if not self.account:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in self.arguments()], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.data,
                start_new_session=True, **self.identity())
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(pymysql.Error, psycopg.Error, OSError):
                self.connect().close()
                return self
            assert self.process.poll() is None, self.log.read_text(errors="replace")[-3000:]
            time.sleep(0.1)
        raise AssertionError(f"the server is not ready after 60 s: {self.log.read_text(errors='replace')[-3000:]}")

    def stop(self, how=None):
        """Ends the server, so that clients lose their connections."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how or self.stop_signal)
            self.process.wait(60)

    def restart(self, pause=0.0):
        self.stop()
        time.sleep(pause)
        self.start()

    def remove(self):
        self.stop(signal.SIGKILL if self.process else None)
        shutil.rmtree(self.folder, ignore_errors=True)

    def execute(self, *statements):
        """Runs statements as the owner, each committed."""
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    def rows(self, statement):
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())


class MariaDB(Database):
    kind = "mysql"
    stop_signal = signal.SIGTERM

    user = "mysql"

    def furnish(self):
        options = ["--no-defaults", f"--datadir={self.data}"]
        user = ["--user=mysql"] if self.account else []
        self.command(
            program("mariadb-install-db"), *options, *user, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")
        self.start()
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE pairs CHARACTER SET utf8mb4")
            cursor.execute("CREATE USER owner@'127.0.0.1' IDENTIFIED BY 'own'")
            cursor.execute("GRANT ALL ON *.* TO owner@'127.0.0.1' WITH GRANT OPTION")
            cursor.execute("CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'let me in/@'")
            cursor.execute("GRANT SELECT ON pairs.* TO reader@'127.0.0.1'")

    def arguments(self):
        more = [f"--wait-timeout={self.timeouts}", f"--net-write-timeout={self.timeouts}"] if self.timeouts else []
        return [
            program("mariadbd"), "--no-defaults", f"--datadir={self.data}", "--bind-address=127.0.0.1", f"--port={self.port}",
            f"--socket={self.data}/socket", f"--pid-file={self.data}/pid", "--skip-log-bin", "--innodb-buffer-pool-size=256M",
            "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve", "--local-infile=1", *more,
        ]

    def connect(self):
        if self.is_furnished:
            who = {"host": "127.0.0.1", "port": self.port, "user": "owner", "password": "own", "database": "pairs"}
        else:
            who = {"unix_socket": str(self.data / "socket"), "user": "root"}
        return pymysql.connect(charset="utf8mb4", local_infile=True, **who)

    @property
    def url(self):
        return f"mysql://reader:${{PASSWORD}}@127.0.0.1:{self.port}/pairs"

    def load_csv(self, table, path, null="NA"):
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table} LIMIT 0")
            names = [column[0] for column in cursor.description]
            variables = ", ".join(f"@{name}" for name in names)
            sets = ", ".join(f"`{name}` = NULLIF(@{name}, '{null}')" for name in names)
            cursor.execute(
                f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE {table} CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' "
                f"OPTIONALLY ENCLOSED BY '\"' ESCAPED BY '' LINES TERMINATED BY '\\n' IGNORE 1 LINES ({variables}) SET {sets}")
            connection.commit()
            cursor.execute(f"ANALYZE TABLE {table}")


class PostgreSQL(Database):
    kind = "postgresql"
    # Fast shutdown: sessions are ended.
    stop_signal = signal.SIGINT

    user = "postgres"

    def furnish(self):
        self.programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        password = self.folder / "password"
        password.write_text("own\n")
        os.chmod(password, 0o644)
        self.command(
            program("initdb", *self.programs), "-D", self.data, "-U", "owner", "-A", "scram-sha-256", f"--pwfile={password}", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync")
        self.start()
        with contextlib.closing(self.connect()) as connection:
            connection.autocommit = True
            connection.execute("CREATE DATABASE pairs")
            connection.execute("CREATE USER reader PASSWORD 'let me in/@'")
            connection.execute("GRANT pg_read_all_data TO reader")

    def arguments(self):
        settings = {
            "listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self.data, "fsync": "off",
            "shared_buffers": "128MB",
        }
        if self.timeouts:
            settings["idle_session_timeout"] = f"{self.timeouts}s"
        return [program("postgres", *self.programs), "-D", self.data, *[part for name, value in settings.items() for part in ("-c", f"{name}={value}")]]

    def connect(self):
        database = "pairs" if self.is_furnished else "postgres"
        return psycopg.connect(host="127.0.0.1", port=self.port, user="owner", password="own", dbname=database)

    @property
    def url(self):
        return f"postgres://reader:${{PASSWORD}}@127.0.0.1:{self.port}/pairs"

    def load_csv(self, table, path, null="NA"):
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            with cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv, HEADER, NULL '{null}')") as copy, open(path, "rb") as file:
                while block := file.read(1 << 20):
                    copy.write(block)
            connection.commit()
            cursor.execute(f"ANALYZE {table}")
            connection.commit()


#: The reader's password, which only the environment tells.
PASSWORD = "let me in/@"

KINDS = {"mysql": MariaDB, "postgresql": PostgreSQL}
