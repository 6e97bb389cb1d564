package dev.muster.twin.desired;

import dev.muster.twin.document.CanonicalJson;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Texts that many assets share, each stored once under its hash. */
@Component
class TextStore {
    private static final int FORGOTTEN_AT_ONCE = 10_000;

    private final JdbcTemplate template;

    TextStore(JdbcTemplate template) {
        this.template = template;
    }

    /** Stores those that are new. @return the id of each */
    Map<String, Long> ids(Collection<String> texts) {
        Map<String, String> byHash =
                new TreeMap<>(); // in one order always, so that two writers cannot lock each other out
        texts.forEach(text -> byHash.put(CanonicalJson.sha256(text), text));
        Map<String, Long> ids = new HashMap<>();
        String[] hashes = byHash.keySet().toArray(String[]::new);
        template.query(
                "select hash, id from twin_text where hash = any(?) and used > now() - interval '1 hour'",
                row -> {
                    ids.put(byHash.remove(row.getString(1)), row.getLong(2));
                },
                (Object) hashes);
        if (!byHash.isEmpty()) {
            template.query(
                    """
                    insert into twin_text (hash, body, used)
                    select hash, body, now() from unnest(?::text[], ?::text[]) as given (hash, body) order by hash
                    on conflict (hash) do update set used = excluded.used
                    returning hash, id""",
                    row -> {
                        ids.put(byHash.get(row.getString(1)), row.getLong(2));
                    },
                    byHash.keySet().toArray(String[]::new),
                    byHash.values().toArray(String[]::new));
        }
        return ids;
    }

    /** Deletes what nothing refers to and nobody used for a day. @return how many */
    int forgetUnused() {
        Long[] unused =
                template.queryForList("""
                        select id from twin_text t
                        where used < now() - interval '1 day'
                          and not exists (select from twin_desired where content = t.id)
                          and not exists (select from twin_desired where origins = t.id)
                          and not exists (select from twin_desired_history where content = t.id)
                        limit ?""", Long.class, FORGOTTEN_AT_ONCE).toArray(Long[]::new);
        // Again with the age: somebody may have used one since.
        return Arrays.stream(unused).findAny().isEmpty()
                ? 0
                : template.update(
                        "delete from twin_text where id = any(?) and used < now() - interval '1 day'", (Object) unused);
    }
}
