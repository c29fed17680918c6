// A camera that sees a picture: what stands in a frame is made by ffmpeg, and Chromium's fake camera
// plays it. The file is opened anew whenever a page asks for the camera.

import { rename } from "node:fs/promises";

import { does } from "./person.mjs";

const WIDTH = 1280;
const HEIGHT = 960;
const FRAME = `scale=${WIDTH}:${HEIGHT}:force_original_aspect_ratio=decrease,`
  + `pad=${WIDTH}:${HEIGHT}:(ow-iw)/2:(oh-ih)/2:color=0x808080`;

/** How a poster may stand before a camera. */
export const VIEWS = {
  straight: FRAME,
  tilted: `${FRAME},rotate=0.22:fillcolor=gray,`
    + `perspective=x0=0:y0=60:x1=${WIDTH}:y1=0:x2=40:y2=${HEIGHT}:x3=${WIDTH - 60}:y3=${HEIGHT - 90}`,
  "badly lit": `${FRAME},eq=brightness=-0.28:contrast=0.45,vignette=PI/4,noise=alls=14:allf=t,gblur=0.8`,
};

/** Lets the camera see a picture. */
export async function show(camera, picture, view = "straight") {
  const drawn = `${camera}.new.y4m`;
  const words = ["-y", "-loglevel", "error", "-loop", "1", "-i", picture, "-t", "0.5", "-r", "6"];
  await does("ffmpeg", [...words, "-vf", `${VIEWS[view]},format=yuv420p`, drawn]);
  await rename(drawn, camera);
}

/** Lets the camera see a wall. */
export async function showNothing(camera) {
  const drawn = `${camera}.new.y4m`;
  const wall = `color=c=gray:s=${WIDTH}x${HEIGHT}:r=6:d=0.5`;
  await does("ffmpeg", ["-y", "-loglevel", "error", "-f", "lavfi", "-i", wall, drawn]);
  await rename(drawn, camera);
}
