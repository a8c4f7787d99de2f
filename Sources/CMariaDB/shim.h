#pragma once

// libmariadb, the client library of MariaDB and MySQL, from the system (Debian: libmariadb-dev).
#include <stddef.h>
#include <stdio.h>
#include <mariadb/mysql.h>
#include <mariadb/errmsg.h>
#include <mariadb/mysqld_error.h>
