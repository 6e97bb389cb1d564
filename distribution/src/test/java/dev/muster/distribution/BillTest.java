package dev.muster.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BillTest {
    @TempDir
    Path folder;

    @Test
    void namesEachLibraryByItsFileWithItsLicence() throws IOException {
        assertThat(bill().libraries())
                .containsOnlyKeys("netty-1.2-linux-x86_64.jar", "gpl-free-3.jar")
                .containsEntry(
                        "gpl-free-3.jar",
                        new Bill.Library("b", "gpl-free", "3", "EPL-2.0 or Own Licence", "https://b/"));
        assertThat(bill().asText()).contains("a:netty:1.2\n    Apache-2.0\n").contains("    https://b/\n");
    }

    @Test
    void refusesToShipWhatItDoesNotNameOrWhoseLicenceNobodyKnows() throws IOException {
        Bill bill = bill();
        bill.mustName(List.of("gpl-free-3.jar", "netty-1.2-linux-x86_64.jar"));
        assertThatThrownBy(() -> bill.mustName(List.of("gpl-free-4.jar", "netty-1.2-linux-x86_64.jar")))
                .hasMessage(
                        "the bill of materials does not fit what is shipped; shipped and not on it: [gpl-free-4.jar];"
                                + " on it and not shipped: [gpl-free-3.jar]; without a licence: []");
        Bill unknown = read("{\"components\":[{\"name\":\"x\",\"version\":\"1\"}]}");
        assertThatThrownBy(() -> unknown.mustName(List.of("x-1.jar")))
                .hasMessageContaining("without a licence: [x-1.jar]");
    }

    private Bill bill() throws IOException {
        return read("""
                {"components": [
                  {"group": "a", "name": "netty", "version": "1.2", "purl": "pkg:maven/a/netty@1.2?classifier=linux-x86_64&type=jar",
                   "licenses": [{"license": {"id": "Apache-2.0"}}]},
                  {"group": "b", "name": "gpl-free", "version": "3", "purl": "pkg:maven/b/gpl-free@3?type=jar",
                   "licenses": [{"license": {"id": "EPL-2.0"}}, {"license": {"name": "Own Licence"}}],
                   "externalReferences": [{"type": "website", "url": "https://b/"}]}]}
                """);
    }

    private Bill read(String bom) throws IOException {
        return Bill.read(Files.writeString(folder.resolve("bom.json"), bom));
    }
}
