package dev.muster.platform.error;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/** An error on the wire: {@code application/problem+json}, RFC 9457, with a stable {@code code}. */
public record Problem(
        String type,
        String title,
        int status,
        String code,
        String detail,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<FieldProblem> errors) {

    public static final String MEDIA_TYPE = "application/problem+json";

    public static Problem of(ErrorCode code, String detail) {
        return of(code, detail, List.of());
    }

    public static Problem of(ErrorCode code, String detail, List<FieldProblem> errors) {
        return new Problem("about:blank", code.title(), code.status(), code.wire(), detail, List.copyOf(errors));
    }

    public static Problem of(Refusal refusal) {
        return of(refusal.code(), refusal.detail(), refusal.errors());
    }
}
