package dev.muster.backup;

import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What of PostgreSQL is in a backup.
 *
 * @param sequences the last value given out, of those that gave any
 */
record TableDump(List<Table> tables, Map<String, Long> sequences) {
    static final String FILE = "postgres/tables.json";

    /** @param columns that are stored, without those that PostgreSQL works out */
    record Table(String name, List<String> columns, long rows) {
        String columnList() {
            return String.join(", ", columns.stream().map(TableDump::quoted).toList());
        }
    }

    static TableDump read(byte[] json) {
        try {
            return JsonMapper.shared().readValue(json, TableDump.class);
        } catch (JacksonException e) {
            throw new BackupDamaged("its " + FILE + " cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    byte[] json() {
        return JsonMapper.shared().writeValueAsBytes(this);
    }

    /** The folder of a table's rows. */
    static String folder(String table) {
        return "postgres/" + table + "/";
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
