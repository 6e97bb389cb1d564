package dev.muster.registry.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.registry.RegistryServer;
import dev.muster.registry.RegistryServer.Answer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who keeps and sees which view. */
class SavedViewsTest {
    @Test
    void aViewIsOnesOwnUntilItIsShared() {
        try (RegistryServer server = new RegistryServer()) {
            String viewer = server.token("viewer", "asset.region == 'eu'");
            String operator = server.token("operator", "asset.region == 'eu'");
            Answer own = put(server, viewer, """
                    {"name": "mine", "selector": "asset.drift > 0", "facets": ["region=eu"], "columns": ["id", "labels.ring"], "sort": "-created"}""");
            put(server, operator, "{\"name\":\"all\",\"shared\":true,\"q\":\"pos\"}");
            put(server, viewer, "{\"name\":\"mine\",\"selector\":\"asset.drift > 1\"}");

            assertThat(own.status()).as(own.text()).isEqualTo(200);
            assertThat(names(server, viewer)).containsExactly("all", "mine asset.drift > 1");
            assertThat(names(server, operator)).containsExactly("all");
            assertThat(put(server, viewer, "{\"name\":\"mine\",\"shared\":true}")
                            .text())
                    .contains("a view for everybody needs the role operator");
            assertThat(put(server, viewer, "{\"name\":\"wrong\",\"selector\":\"asset.colour\"}")
                            .text())
                    .contains("the view is not valid: selector is not valid: at character 6");
            assertThat(server.delete("/api/v1/asset-views/"
                                    + own.json().path("id").asString())
                            .status())
                    .as("somebody else's own one is not there")
                    .isEqualTo(404);
        }
    }

    private static Answer put(RegistryServer server, String token, String body) {
        return server.post(token, "/api/v1/asset-views", "application/json", body);
    }

    private static List<String> names(RegistryServer server, String token) {
        List<String> names = new ArrayList<>();
        server.get(token, "/api/v1/asset-views")
                .json()
                .path("items")
                .forEach(view -> names.add((view.path("name").asString() + " "
                                + view.path("selector").asString(""))
                        .strip()));
        return names;
    }
}
