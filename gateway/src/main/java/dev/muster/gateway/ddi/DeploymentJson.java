package dev.muster.gateway.ddi;

import dev.muster.gateway.port.Deployments.Deployment;
import dev.muster.gateway.port.Deployments.File;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** A deployment as clients read it: one chunk with one artifact, which rauc-hawkbit-updater asks for. */
final class DeploymentJson {
    private DeploymentJson() {}

    /** @param base address of the asset's resources @param withHistory whether it was asked for */
    static JsonObject deployment(Deployment of, String base, boolean withHistory) {
        JsonObject document =
                new JsonObject().put("id", Integer.toString(of.action())).put("deployment", content(of, base));
        if (withHistory) {
            document.put(
                    "actionHistory",
                    new JsonObject().put("status", of.status()).put("messages", new JsonArray(of.messages())));
        }
        return document;
    }

    static JsonObject confirmation(Deployment of, String base) {
        return new JsonObject().put("id", Integer.toString(of.action())).put("confirmation", content(of, base));
    }

    /** Never to be skipped: SWUpdate closes a skipped update with success. */
    private static JsonObject content(Deployment of, String base) {
        JsonObject chunk = new JsonObject()
                .put("part", of.part())
                .put("version", of.version())
                .put("name", of.component())
                .put("artifacts", new JsonArray(List.of(artifact(of.file(), base, of.action()))));
        return new JsonObject()
                .put("download", "forced")
                .put("update", "forced")
                .put("chunks", new JsonArray(List.of(chunk)));
    }

    static JsonObject artifact(File file, String base, int module) {
        String url = base + "/softwaremodules/" + module + "/artifacts/" + file.name();
        return new JsonObject()
                .put("filename", file.name())
                .put(
                        "hashes",
                        new JsonObject()
                                .put("sha1", file.sha1())
                                .put("md5", file.md5())
                                .put("sha256", file.sha256()))
                .put("size", file.size())
                .put(
                        "_links",
                        new JsonObject()
                                .put("download", PollAnswer.href(url))
                                .put("md5sum", PollAnswer.href(url + ".MD5SUM")));
    }
}
