package dev.muster.slo;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The table {@code sli_place}: which assets were in service when, and as what. */
@Component
class PlaceStore {
    private final JdbcTemplate template;
    private final int page;

    @Autowired
    PlaceStore(JdbcTemplate template) {
        this(template, InService.PAGE);
    }

    PlaceStore(JdbcTemplate template, int page) {
        this.template = template;
        this.page = page;
    }

    /** Something that is another one after each change of any asset: versions only rise, whatever is committed first. */
    String stateOfAssets() {
        return String.valueOf(template.queryForObject(
                "select count(*) || ' ' || coalesce(sum(resource_version), 0) from asset", String.class));
    }

    /** Brings the intervals up to now. */
    void refresh(Instant now) {
        template.update("""
                update sli_place p set to_at = greatest(p.from_at, ?)
                where p.to_at is null and not exists (
                    select 1 from asset a where a.id = p.asset and a.lifecycle = 'active' and a.type = p.type
                        and a.region = p.region)""", time(now));
        template.update("""
                insert into sli_place (asset, type, region, from_at)
                select a.id, a.type, a.region, ? from asset a
                where a.lifecycle = 'active' and not exists (
                    select 1 from sli_place p where p.asset = a.id and p.to_at is null)
                on conflict (asset, from_at) do update set type = excluded.type, region = excluded.region, to_at = null""", time(now));
    }

    Optional<Instant> inServiceSince(String asset) {
        return template
                .query(
                        "select min(from_at) from sli_place where asset = ? having min(from_at) is not null",
                        (row, _) -> row.getObject(1, OffsetDateTime.class).toInstant(),
                        asset)
                .stream()
                .findFirst();
    }

    /** Those in service at a moment. */
    InService at(Instant moment) {
        return new At(time(moment));
    }

    private final class At implements InService {
        private final OffsetDateTime at;

        At(OffsetDateTime at) {
            this.at = at;
        }

        @Override
        public int count() {
            Integer count = template.queryForObject(
                    "select count(*) from sli_place where from_at <= ? and (to_at is null or to_at > ?)",
                    Integer.class,
                    at,
                    at);
            return count == null ? 0 : count;
        }

        /** Index: primary key (asset, from_at). */
        @Override
        public void forEachPage(Consumer<Map<String, Instant>> each) {
            String[] last = {""};
            Map<String, Instant> found = new LinkedHashMap<>();
            do {
                found.clear();
                template.query(
                        """
                        select asset, from_at from sli_place
                        where asset > ? and from_at <= ? and (to_at is null or to_at > ?) order by asset limit ?""",
                        row -> {
                            last[0] = row.getString(1);
                            found.put(
                                    last[0],
                                    row.getObject(2, OffsetDateTime.class).toInstant());
                        },
                        last[0],
                        at,
                        at,
                        page);
                if (!found.isEmpty()) {
                    each.accept(found);
                }
            } while (found.size() == page);
        }

        /** Index: primary key (asset, from_at). */
        @Override
        public Set<String> among(Collection<String> ids) {
            Set<String> found = new HashSet<>();
            template.query(
                    """
                    select asset from sli_place
                    where asset = any(?) and from_at <= ? and (to_at is null or to_at > ?)""",
                    row -> {
                        found.add(row.getString(1));
                    },
                    ids.toArray(String[]::new),
                    at,
                    at);
            return found;
        }

        @Override
        public @Nullable String only() {
            return null;
        }
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
