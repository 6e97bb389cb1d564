package dev.muster.release.metadata;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The table {@code tuf_metadata}. */
class MetadataStore {
    private final JdbcClient jdbc;

    MetadataStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** One change of the repository at a time, until the end of the transaction. */
    void lock() {
        jdbc.sql("select pg_advisory_xact_lock(hashtextextended('muster.tuf_metadata', 0))")
                .query((row, number) -> "")
                .single();
    }

    /** The newest of root and of every targets role. */
    Repository repository() {
        Map<String, byte[]> documents = new HashMap<>();
        jdbc.sql("""
                        select distinct on (role) role, document from tuf_metadata
                        where role not in ('snapshot', 'timestamp') order by role, version desc
                        """)
                .query((row, number) -> documents.put(row.getString("role"), row.getBytes("document")))
                .list();
        return new Repository(documents);
    }

    Optional<byte[]> newest(String role) {
        return jdbc.sql("select document from tuf_metadata where role = :role order by version desc limit 1")
                .param("role", role)
                .query((row, number) -> row.getBytes("document"))
                .optional();
    }

    Optional<byte[]> find(String role, long version) {
        return jdbc.sql("select document from tuf_metadata where role = :role and version = :version")
                .param("role", role)
                .param("version", version)
                .query((row, number) -> row.getBytes("document"))
                .optional();
    }

    /** 0 when there is none. */
    long newestVersion(String role) {
        return jdbc.sql("select coalesce(max(version), 0) from tuf_metadata where role = :role")
                .param("role", role)
                .query(Long.class)
                .single();
    }

    void add(String role, long version, byte[] document, Instant now, String by) {
        jdbc.sql("""
                        insert into tuf_metadata (role, version, document, accepted_at, accepted_by)
                        values (:role, :version, :document, :now, :by)
                        """)
                .param("role", role)
                .param("version", version)
                .param("document", document)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("by", by)
                .update();
    }

    /** Older versions of what the server signs itself; a client may still be between two of them. */
    void forgetOlder(List<String> roles, int keep) {
        for (String role : roles) {
            jdbc.sql("""
                            delete from tuf_metadata where role = :role
                              and version <= (select max(version) from tuf_metadata where role = :role) - :keep
                            """).param("role", role).param("keep", keep).update();
        }
    }
}
