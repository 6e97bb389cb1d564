package dev.muster.main;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.platform.config.ConfigurationPage;
import dev.muster.platform.config.SettingsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationPageTest {
    private static final Path PAGE = Path.of("..", "docs", "configuration.md");
    private static final Path FRESH = Path.of("target", "configuration.md");

    @Test
    void thePageInTheDocumentationIsUpToDate() throws IOException {
        String page = ConfigurationPage.of(new SettingsReader(SettingsCatalog.ALL).catalog());
        Files.writeString(FRESH, page);
        assertThat(PAGE)
                .as("out of date; mend it with: cp server/target/configuration.md docs/configuration.md")
                .content()
                .isEqualTo(page);
    }
}
