package dev.muster.registry.facet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.registry.RegistryServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** How many assets have which value. */
class FacetsTest {
    /** PostgreSQL cannot answer it, so that assets are looked at one by one. */
    private static final String SLOW = "asset.id.matches('^f-.*')";

    private static final String FAST = "asset.id.startsWith('f-')";

    @SuppressWarnings("NullAway.Init")
    private static RegistryServer server;

    @BeforeAll
    static void start() {
        server = new RegistryServer();
        assertThat(server.importCsv("", """
                        id,type,region,owner,label.ring,label.name
                        f-1,pos,eu,ann,canary,"Amsterdam, North"
                        f-2,pos,eu,ann,wide,
                        f-3,pos,us,bob,wide,
                        f-4,sensor,us,,wide,
                        f-5,sensor,,bob,,
                        other,pos,eu,ann,canary,
                        """).text()).contains("\"created\":6");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aFieldIsCountedAmongTheAssetsThatFulfilWhatIsChosenOfTheOthers() {
        String asked = "&by=type&by=region&by=labels.ring&by=presence&chosen=region=us&chosen=labels.ring=wide";
        for (String selector : List.of(FAST, SLOW)) {
            assertThat(told(facets(selector, asked)))
                    .as(selector)
                    .containsExactly(
                            "2",
                            "type 2: pos 1, sensor 1",
                            "region 2: us 2, eu 1",
                            "labels.ring 1: wide 2",
                            "presence 1: never_seen 2");
        }
    }

    @Test
    void whatIsChosenIsShownEvenWhereNoAssetHasItAndSeveralValuesOfAFieldAddUp() {
        String asked = "&by=type&chosen=owner=&chosen=owner=bob&chosen=type=edge-gpu";
        for (String selector : List.of(FAST, SLOW)) {
            assertThat(told(facets(selector, asked)))
                    .as(selector)
                    .containsExactly("0", "type 2: sensor 2, pos 1, edge-gpu 0", "owner 0: -  0, bob 0");
        }
    }

    @Test
    void valuesAreFoundByAPartOfThem() {
        for (String selector : List.of(FAST, SLOW)) {
            assertThat(told(facets(selector, "&by=labels.name&contains=DAM,&limit=5")))
                    .as(selector)
                    .containsExactly("5", "labels.name 1: Amsterdam, North 1");
        }
    }

    @Test
    void anActorCountsWhatItMaySee() {
        String token = server.token("viewer", "asset.region == 'us'");

        assertThat(server.ids(token, "limit=10")).containsExactly("f-3", "f-4");
        JsonNode counted = server.get(token, "/api/v1/asset-facets?by=type").json();
        assertThat(told(counted)).containsExactly("2", "type 2: pos 1, sensor 1");
        assertThat(server.get(token, "/api/v1/asset-keys").json().at("/labels").toString())
                .isEqualTo("[{\"value\":\"ring\",\"assets\":2}]");
    }

    @Test
    void theNewestComeFirstPageByPage() {
        assertThat(server.ids("sort=-id&limit=2")).containsExactly("other", "f-5", "f-4", "f-3", "f-2", "f-1");
        server.create("newest", "pos", "{}");
        try {
            List<String> newest = server.ids("sort=-created&limit=2");
            assertThat(newest).startsWith("newest").hasSize(7);
            assertThat(server.ids("sort=created&limit=3")).containsExactlyElementsOf(newest.reversed());
        } finally {
            server.delete("/api/v1/assets/newest");
        }
    }

    @Test
    void refusesWhatHasNoIndexAndWhatIsNoFacet() {
        assertThat(server.get("/api/v1/assets?sort=lastSeen").text()).contains("sort must be one of [id, -id, created");
        assertThat(server.get("/api/v1/asset-facets?by=colour").text()).contains("by must be type, owner");
        assertThat(server.get("/api/v1/asset-facets").text()).contains("by is missing");
    }

    private static JsonNode facets(String selector, String more) {
        RegistryServer.Answer answer = server.get("/api/v1/asset-facets?selector="
                + URLEncoder.encode(selector, StandardCharsets.UTF_8) + more.replace(",", "%2C"));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    /** How many match, then a line for each facet. */
    private static List<String> told(JsonNode answer) {
        List<String> lines = new ArrayList<>(List.of(answer.path("assets").asString()));
        answer.path("facets").forEach(facet -> {
            List<String> values = new ArrayList<>();
            facet.path("values").forEach(value -> {
                String name = value.path("value").asString();
                values.add((name.isEmpty() ? "- " : name) + " "
                        + value.path("assets").asLong());
            });
            lines.add(facet.path("by").asString() + " " + facet.path("distinct").asLong() + ": "
                    + String.join(", ", values));
        });
        return lines;
    }
}
