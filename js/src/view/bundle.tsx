/** A MIME bundle, as the notebook would show it: the richest kind that is safe and not empty. */
import { memo } from "preact/compat";
import type { Bundle } from "../views";
import { useView } from "./context";
import { Frame } from "./frame";
import { scriptPage } from "./frame-document";
import { HostChart, LiveWidget, widgetId } from "./hosted";
import { JsonTree } from "./json-tree";
import { Markdown } from "./markdown";
import { Media, mediaType, RasterImage, rasterType, SvgImage } from "./media";
import { Plain } from "./plain";
import { PLOTLY_MIME, PlotlyChart } from "./plotly";
import { hasContent, needsFrame, ShadowHtml } from "./shadow";

export const BundleView = memo(function BundleView({ bundle }: { bundle: Bundle }) {
  const { store } = useView();
  if (widgetId(bundle) !== undefined) {
    return (
      <LiveWidget bundle={bundle}>
        <Static bundle={bundle} />
      </LiveWidget>
    );
  }
  const foreign = store.host?.preferred(bundle);
  // A chart's own type goes before everything, LaTeX only before what is plainer.
  if (foreign !== undefined && (foreign !== "text/latex" || !isRicherThanLatex(bundle))) {
    return (
      <HostChart bundle={bundle} mime={foreign}>
        <Static bundle={bundle} />
      </HostChart>
    );
  }
  return <Static bundle={bundle} />;
});

function isRicherThanLatex({ data }: Bundle): boolean {
  return textOf(data["text/html"]) !== "" || textOf(data["text/markdown"]) !== "";
}

/** What we draw ourselves. */
function Static({ bundle }: { bundle: Bundle }) {
  const { data, metadata } = bundle;
  if (data[PLOTLY_MIME] !== undefined) return <PlotlyChart figure={data[PLOTLY_MIME]} />;
  const html = textOf(data["text/html"]);
  if (html && needsFrame(html)) return <Frame html={html} title={titleOf(data)} />;
  if (html && hasContent(html)) return <ShadowHtml html={html} />;
  const markdown = textOf(data["text/markdown"]);
  if (markdown) return <Markdown text={markdown} done={true} />;
  const svg = textOf(data["image/svg+xml"]);
  if (svg) return <SvgImage svg={svg} alt={titleOf(data)} />;
  const raster = rasterType(data);
  if (raster) return <RasterImage mime={raster} bundle={bundle} alt={titleOf(data)} />;
  const media = mediaType(data);
  if (media) return <Media mime={media} value={data[media]} title={titleOf(data)} />;
  if (data["application/json"] !== undefined) {
    return <JsonTree value={data["application/json"]} hints={metadata["application/json"]} />;
  }
  const script = textOf(data["application/javascript"]);
  if (script) return <Frame html={scriptPage(script)} title={titleOf(data)} />;
  return <Plain text={textOf(data["text/plain"]) || textOf(data["text/latex"])} />;
}

/** Kernels may send a text as a list of lines. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join("");
  return typeof value === "string" ? value : "";
}

function titleOf(data: Bundle["data"]): string {
  return textOf(data["text/plain"]).slice(0, 200) || "Figure";
}
