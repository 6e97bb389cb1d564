package dev.muster.registry.view;

import dev.muster.identity.Actor;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code asset_view}. */
@Component
class SavedViewStore {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;

    SavedViewStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The actor's own and the shared ones, by name. */
    List<SavedView> visible(Actor actor, int limit) {
        return jdbc.sql("""
                        select * from asset_view
                        where shared or (owner_kind = :kind and owner = :owner) order by lower(name), id limit :limit
                        """)
                .param("kind", actor.kind().name())
                .param("owner", actor.id())
                .param("limit", limit)
                .query(SavedViewStore::read)
                .list();
    }

    int countOf(Actor actor) {
        return jdbc.sql("select count(*) from asset_view where owner_kind = :kind and owner = :owner")
                .param("kind", actor.kind().name())
                .param("owner", actor.id())
                .query(Integer.class)
                .single();
    }

    Optional<SavedView> find(String id) {
        return jdbc.sql("select * from asset_view where id = :id")
                .param("id", id)
                .query(SavedViewStore::read)
                .optional();
    }

    Optional<SavedView> named(Actor actor, String name) {
        return jdbc.sql("select * from asset_view where owner_kind = :kind and owner = :owner and name = :name")
                .param("kind", actor.kind().name())
                .param("owner", actor.id())
                .param("name", name)
                .query(SavedViewStore::read)
                .optional();
    }

    /** Takes the place of the actor's one of the same name. */
    SavedView put(Actor actor, SavedView view) {
        return jdbc.sql("""
                        insert into asset_view (id, owner_kind, owner, name, shared, view, updated)
                        values (:id, :kind, :owner, :name, :shared, :view::jsonb, :updated)
                        on conflict (owner_kind, owner, name) do update
                        set shared = excluded.shared, view = excluded.view, updated = excluded.updated
                        returning *
                        """)
                .param("id", view.id())
                .param("kind", actor.kind().name())
                .param("owner", actor.id())
                .param("name", view.name())
                .param("shared", view.shared())
                .param("view", JSON.writeValueAsString(view.look()))
                .param("updated", view.updated().atOffset(ZoneOffset.UTC))
                .query(SavedViewStore::read)
                .single();
    }

    void delete(String id) {
        jdbc.sql("delete from asset_view where id = :id").param("id", id).update();
    }

    private static SavedView read(ResultSet row, int index) throws SQLException {
        return new SavedView(
                row.getString("id"),
                row.getString("owner"),
                row.getString("name"),
                row.getBoolean("shared"),
                JSON.readValue(row.getString("view"), SavedView.Look.class),
                row.getObject("updated", OffsetDateTime.class).toInstant());
    }
}
