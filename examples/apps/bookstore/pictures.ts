/** The cover: four masks, two and two alike, on a night in Ephesus. */
export const cover = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 280 400">
<defs>
  <linearGradient id="night" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#1d2a4d"/><stop offset=".62" stop-color="#7a3b52"/><stop offset="1" stop-color="#d9774a"/></linearGradient>
  <g id="mask">
    <path d="M-34-30Q0-46 34-30Q38 18 0 44Q-38 18-34-30Z"/>
    <path d="M-22-8q9-9 18 0q-9 6-18 0ZM4-8q9-9 18 0q-9 6-18 0Z" fill="#1d2a4d"/>
  </g>
</defs>
<rect width="280" height="400" rx="6" fill="url(#night)"/>
<g fill="#fff" opacity=".8"><circle cx="42" cy="52" r="1.4"/><circle cx="96" cy="30" r="1"/><circle cx="160" cy="60" r="1.2"/><circle cx="236" cy="38" r="1.5"/><circle cx="204" cy="86" r="1"/><circle cx="66" cy="98" r="1"/></g>
<path d="M222 54a20 20 0 1 1-18.500 27.500a16 16 0 0 0 18.500-27.500Z" fill="#f6e7c1"/>
<g fill="#f6e7c1">
  <g transform="translate(84 182) rotate(-8)"><use href="#mask"/><path d="M-14 14q14 14 28 0" stroke="#1d2a4d" stroke-width="4" fill="none" stroke-linecap="round"/></g>
  <g transform="translate(196 182) rotate(8)"><use href="#mask"/><path d="M-14 14q14 14 28 0" stroke="#1d2a4d" stroke-width="4" fill="none" stroke-linecap="round"/></g>
</g>
<g fill="#efb08c">
  <g transform="translate(112 266) scale(.72) rotate(6)"><use href="#mask"/><path d="M-14 22q14-14 28 0" stroke="#1d2a4d" stroke-width="5" fill="none" stroke-linecap="round"/></g>
  <g transform="translate(168 266) scale(.72) rotate(-6)"><use href="#mask"/><path d="M-14 22q14-14 28 0" stroke="#1d2a4d" stroke-width="5" fill="none" stroke-linecap="round"/></g>
</g>
<g fill="#fff6e3" text-anchor="middle" font-family="Georgia, 'Times New Roman', serif">
  <text x="140" y="120" font-size="15" font-style="italic">The Comedy of</text>
  <text x="140" y="336" font-size="40" letter-spacing="3">Errors</text>
  <text x="140" y="372" font-size="11" letter-spacing="2.5">WILLIAM SHAKESPEARE</text>
</g>
<path d="M10 0v400" stroke="#000" stroke-opacity=".22" stroke-width="2"/>
</svg>
`;

export const favicon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<path d="M16 8Q9 3 3 5v19q7-2 13 3q6-5 13-3V5q-6-2-13 3Z" fill="#b3402f"/>
<path d="M16 9.500Q10 5.500 5 6.800v15q6-1 11 2.700q5-3.700 11-2.700v-15q-5-1.300-11 2.700Z" fill="#fff6e3"/>
<path d="M16 9.500v15" stroke="#b3402f" stroke-width="1.200"/>
</svg>
`;
